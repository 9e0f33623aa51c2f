import assert from "node:assert/strict";
import { test } from "node:test";
import { shapeOf } from "./list-shapes.ts";
import { isSameQuantity } from "./quantity.ts";
import { mergePatch, mergeThree } from "./three-way.ts";

const DEPLOYMENT = shapeOf({ apiVersion: "apps/v1", kind: "Deployment" });
const WIDGET = shapeOf({ apiVersion: "example.com/v1", kind: "Deployment" });

function patchOf(earlier: unknown, wanted: unknown, live: unknown, shape = DEPLOYMENT): unknown {
  return mergePatch(live, mergeThree([earlier], wanted, live, shape));
}

function podSpec(spec: unknown): unknown {
  return { spec: { template: { spec } } };
}

const CASES: readonly { name: string; earlier: unknown; wanted: unknown; live: unknown; patch: unknown }[] = [
  {
    name: "the same gives no patch",
    earlier: { a: 1 },
    wanted: { a: 1 },
    live: { a: 1, status: {} },
    patch: undefined,
  },
  {
    name: "a manual change of a chart key is reverted",
    earlier: { a: 1 },
    wanted: { a: 1 },
    live: { a: 9 },
    patch: { a: 1 },
  },
  { name: "a foreign key stays", earlier: {}, wanted: { a: 1 }, live: { a: 1, mine: 2 }, patch: undefined },
  {
    name: "a removed chart key goes",
    earlier: { a: 1, b: 2 },
    wanted: { a: 1 },
    live: { a: 1, b: 2 },
    patch: { b: null },
  },
  {
    name: "null in the chart names nothing",
    earlier: {},
    wanted: { a: null },
    live: { a: 5 },
    patch: undefined,
  },
  {
    name: "an empty list equals an absent one",
    earlier: {},
    wanted: { tolerations: [] },
    live: {},
    patch: undefined,
  },
  {
    name: "containers merge by name and keep defaults and sidecars",
    earlier: podSpec({ containers: [{ name: "app", image: "a:1" }] }),
    wanted: podSpec({ containers: [{ name: "app", image: "a:2" }] }),
    live: podSpec({
      containers: [
        { name: "app", image: "a:1", terminationMessagePath: "/t" },
        { name: "mesh", image: "m" },
      ],
    }),
    patch: podSpec({
      containers: [
        { name: "app", image: "a:2", terminationMessagePath: "/t" },
        { name: "mesh", image: "m" },
      ],
    }),
  },
  {
    name: "a container that left the chart goes",
    earlier: podSpec({ containers: [{ name: "app" }, { name: "old" }] }),
    wanted: podSpec({ containers: [{ name: "app" }] }),
    live: podSpec({ containers: [{ name: "app" }, { name: "old" }] }),
    patch: podSpec({ containers: [{ name: "app" }] }),
  },
  {
    name: "ports of one number and two protocols are two ports",
    earlier: {},
    wanted: podSpec({
      containers: [{ name: "dns", ports: [{ containerPort: 53 }, { containerPort: 53, protocol: "UDP" }] }],
    }),
    live: podSpec({
      containers: [
        {
          name: "dns",
          ports: [
            { containerPort: 53, protocol: "TCP" },
            { containerPort: 53, protocol: "UDP" },
          ],
        },
      ],
    }),
    patch: undefined,
  },
  {
    name: "an env value that becomes a reference drops the value",
    earlier: podSpec({ containers: [{ name: "app", env: [{ name: "A", value: "1" }] }] }),
    wanted: podSpec({ containers: [{ name: "app", env: [{ name: "A", valueFrom: { fieldRef: {} } }] }] }),
    live: podSpec({ containers: [{ name: "app", env: [{ name: "A", value: "2" }] }] }),
    patch: podSpec({ containers: [{ name: "app", env: [{ name: "A", valueFrom: { fieldRef: {} } }] }] }),
  },
  {
    name: "another strategy drops the settings of the first",
    earlier: {},
    wanted: { spec: { strategy: { type: "Recreate" } } },
    live: { spec: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } } },
    patch: { spec: { strategy: { type: "Recreate", rollingUpdate: null } } },
  },
  {
    name: "the same strategy keeps its defaults",
    earlier: {},
    wanted: { spec: { strategy: { type: "RollingUpdate" } } },
    live: { spec: { strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1 } } } },
    patch: undefined,
  },
  {
    name: "an equal quantity is no change",
    earlier: {},
    wanted: podSpec({
      containers: [{ name: "app", resources: { limits: { cpu: "1000m", memory: "1024Mi" } } }],
    }),
    live: podSpec({ containers: [{ name: "app", resources: { limits: { cpu: "1", memory: "1Gi" } } }] }),
    patch: undefined,
  },
  {
    name: "a list without keys that only got defaults is no change",
    earlier: {},
    wanted: { spec: { rules: [{ host: "a" }] } },
    live: { spec: { rules: [{ host: "a", pathType: "Prefix" }] } },
    patch: undefined,
  },
];

for (const { name, earlier, wanted, live, patch } of CASES) {
  test(`mergeThree(): ${name}`, () => assert.deepEqual(patchOf(earlier, wanted, live), patch));
}

test("mergeThree() takes lists of a custom resource as a whole", () => {
  const live = podSpec({ containers: [{ name: "app" }, { name: "mesh" }] });
  const wanted = podSpec({ containers: [{ name: "app", image: "a" }] });
  assert.deepEqual(patchOf({}, wanted, live, WIDGET), wanted);
});

test("mergeThree() drops what any earlier manifest named", () => {
  const live = { a: 1, b: 2, c: 3 };
  assert.deepEqual(
    mergePatch(
      live,
      mergeThree(
        [
          { a: 1, b: 2 },
          { a: 1, c: 3 },
        ],
        { a: 1 },
        live,
        undefined,
      ),
    ),
    { b: null, c: null },
  );
});

test("isSameQuantity() compares amounts, not texts", () => {
  assert.ok(isSameQuantity("0.5", "500m"));
  assert.ok(isSameQuantity(1, "1"));
  assert.ok(!isSameQuantity("1Gi", "1G"));
  assert.ok(!isSameQuantity("many", "many "));
});
