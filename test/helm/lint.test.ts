import { test } from "node:test";
import { requireEnvironment } from "../env/index.ts";
import { APP, BROKEN, LIB } from "./charts.ts";
import { sideBySide } from "./side-by-side.ts";

test("helm lint says what Helm's says", async (t) => {
  await requireEnvironment(["helm"], t);
  const { same } = sideBySide(t, { ...LIB, ...APP, ...BROKEN });
  for (const line of [
    "lint",
    "lint none",
    "lint lib yaml fail end version old",
    "lint lib old --quiet",
    "lint app --strict",
    "lint lib --quiet",
  ]) {
    same(...line.split(" "));
  }
});

test("helm lint knows which form a name must have", async (t) => {
  await requireEnvironment(["helm"], t);
  const names = ["one.two", "1st", "UP", "ok", "x".repeat(64), "x".repeat(254)];
  const kinds = [
    "Service",
    "Namespace",
    "ConfigMap",
    "ServiceAccount",
    "ClusterRole",
    "CertificateSigningRequest",
  ];
  const objects = kinds.flatMap((kind) =>
    names.map((name) => `apiVersion: v1\nkind: ${kind}\nmetadata: {name: "${name}"}\n`),
  );
  const { same } = sideBySide(t, {
    "names/Chart.yaml": "apiVersion: v2\nname: names\nversion: 0.1.0\n",
    ...Object.fromEntries(objects.map((text, at) => [`names/templates/${at + 10}.yaml`, text])),
  });
  same("lint", "names");
});
