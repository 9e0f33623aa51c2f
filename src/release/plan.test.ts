import assert from "node:assert/strict";
import { test } from "node:test";
import type { KubeObject } from "#kube";
import { installGroups } from "./order.ts";
import { withOwner } from "./ownership.ts";
import { type PlanInput, planUpgrade } from "./plan.ts";

const release = { name: "shop", namespace: "prod" };

function object(
  kind: string,
  name: string,
  more: Record<string, unknown> = {},
  annotations: Record<string, string> = {},
): KubeObject {
  const apiVersion = kind === "Deployment" ? "apps/v1" : "v1";
  return { apiVersion, kind, metadata: { name, namespace: "prod", annotations }, ...more };
}

function live(source: KubeObject, more: Record<string, unknown> = {}): KubeObject {
  const owned = withOwner(source, release);
  return {
    ...owned,
    ...more,
    metadata: { ...owned.metadata, uid: `uid-${source.metadata.name}`, resourceVersion: "1" },
  };
}

function verbs(input: Partial<PlanInput>): string[] {
  const plan = planUpgrade({ release, wanted: [], earlier: [], live: [], ...input });
  return plan.map(
    (operation) =>
      `${operation.verb} ${("object" in operation ? operation.object : operation.live).metadata.name}`,
  );
}

test("planUpgrade() creates what is absent, in Helm's order", () => {
  const wanted = [
    object("Service", "web"),
    object("Deployment", "web-app"),
    object("Secret", "key"),
    object("Widget", "z"),
  ];
  assert.deepEqual(verbs({ wanted }), ["create key", "create web", "create web-app", "create z"]);
});

test("planUpgrade() leaves what is as it should be, creates what was deleted, deletes what left the chart", () => {
  const same = object("ConfigMap", "same", { data: { a: "1" } });
  const gone = object("ConfigMap", "gone");
  const left = object("ConfigMap", "left");
  assert.deepEqual(
    verbs({ wanted: [same, gone], earlier: [[same, gone, left]], live: [live(same), live(left)] }),
    ["unchanged same", "create gone", "delete left"],
  );
});

test("planUpgrade() keeps what the policy keeps and what is another's", () => {
  const keep = object("ConfigMap", "keep", {}, { "helm.sh/resource-policy": "keep" });
  const other = object("ConfigMap", "other");
  const stranger = { ...other, metadata: { ...other.metadata, uid: "u" } };
  assert.deepEqual(verbs({ earlier: [[keep, other]], live: [live(keep), stranger] }), [
    "keep keep",
    "keep other",
  ]);
});

test("planUpgrade() puts Helm's and werf's marks on what it creates", () => {
  const [operation] = planUpgrade({ release, wanted: [object("ConfigMap", "a")], earlier: [], live: [] });
  assert.deepEqual(operation?.verb === "create" ? operation.object.metadata : undefined, {
    name: "a",
    namespace: "prod",
    labels: { "app.kubernetes.io/managed-by": "Helm" },
    annotations: {
      "meta.helm.sh/release-name": "shop",
      "meta.helm.sh/release-namespace": "prod",
      "service.werf.io/owner-release": "shop",
    },
  });
});

test("planUpgrade() refuses an object of nobody with Helm's words", () => {
  const found = object("ConfigMap", "a");
  assert.throws(() => planUpgrade({ release, wanted: [found], earlier: [], live: [found] }), {
    code: "RELEASE_FOREIGN_OBJECT",
    message:
      'Unable to continue with install: ConfigMap "a" in namespace "prod" exists and cannot be imported into the current release: invalid ownership metadata; label validation error: missing key "app.kubernetes.io/managed-by": must be set to "Helm"; annotation validation error: missing key "meta.helm.sh/release-name": must be set to "shop"; annotation validation error: missing key "meta.helm.sh/release-namespace": must be set to "prod"',
  });
});

test("planUpgrade() adopts on an upgrade what invites this release, and on no install", () => {
  const found = object(
    "ConfigMap",
    "a",
    { data: { mine: "1" } },
    { "werf.io/allow-adoption-by-release": "shop" },
  );
  const wanted = [object("ConfigMap", "a", { data: { chart: "1" } })];
  const [operation] = planUpgrade({ release, wanted, earlier: [[]], live: [found] });
  assert.equal(operation?.verb === "patch" && operation.isAdopted, true);
  assert.deepEqual(operation?.verb === "patch" ? (operation.patch as { data: unknown }).data : undefined, {
    chart: "1",
  });
  assert.throws(() => planUpgrade({ release, wanted, earlier: [], live: [found] }), {
    code: "RELEASE_FOREIGN_OBJECT",
  });
});

test("planUpgrade() leaves replicas alone that are set on creation only", () => {
  const once = { "werf.io/set-replicas-only-on-creation": "true" };
  const wanted = object("Deployment", "web", { spec: { replicas: 1 } }, once);
  assert.deepEqual(
    verbs({ wanted: [wanted], earlier: [[wanted]], live: [live(wanted, { spec: { replicas: 5 } })] }),
    ["unchanged web"],
  );
  const plain = object("Deployment", "web", { spec: { replicas: 1 } });
  assert.deepEqual(
    verbs({ wanted: [plain], earlier: [[plain]], live: [live(plain, { spec: { replicas: 5 } })] }),
    ["patch web"],
  );
});

test("planUpgrade() sees that a Secret's text is what its data holds", () => {
  const wanted = object("Secret", "key", { stringData: { token: "abc" } });
  assert.deepEqual(
    verbs({
      wanted: [wanted],
      earlier: [[wanted]],
      live: [live(object("Secret", "key"), { data: { token: "YWJj" } })],
    }),
    ["unchanged key"],
  );
});

test("planUpgrade() knows an object by group, not by version", () => {
  const old = { ...object("Deployment", "web"), apiVersion: "apps/v1beta1" };
  const now = object("Deployment", "web");
  assert.deepEqual(verbs({ wanted: [now], earlier: [[old]], live: [live(now)] }), ["unchanged web"]);
});

test("planUpgrade() refuses an object that is named twice", () => {
  const twice = [object("ConfigMap", "a"), object("ConfigMap", "a")];
  assert.throws(() => planUpgrade({ release, wanted: twice, earlier: [], live: [] }), {
    code: "RELEASE_DUPLICATE_OBJECT",
  });
});

test("installGroups() keeps kinds apart that need each other and unknown kinds last", () => {
  const kinds = ["Widget", "Ingress", "Deployment", "ConfigMap", "Service", "Secret", "Apple"].map(
    (kind) => ({ apiVersion: "v1", kind }),
  );
  const groups = installGroups(kinds, (kind) => kind).map((group) => group.map(({ kind }) => kind).join(" "));
  assert.deepEqual(groups, ["Secret ConfigMap", "Service", "Deployment", "Ingress", "Apple", "Widget"]);
});
