import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { loadChart, renderChart } from "#chart";
import { renderWithLookups } from "#delivery";
import { GoMap } from "#gotemplate";
import { openShop } from "./shop.ts";

/** Everything that is the same whoever asks: what differs between two calls is left out. */
const TEMPLATE = `apiVersion: v1
kind: ConfigMap
metadata: { name: answers }
data:
  word: {{ (lookup "v1" "ConfigMap" .Release.Namespace "settings").data.word | quote }}
  kinds: {{ kindOf (lookup "v1" "ConfigMap" .Release.Namespace "settings").metadata.labels }}
  absent: {{ lookup "v1" "Secret" .Release.Namespace "none" | toJson | quote }}
  all: {{ range (lookup "v1" "ConfigMap" .Release.Namespace "").items }}{{ .kind }}-{{ .metadata.name }}_{{ end }}
  list: {{ (lookup "v1" "ConfigMap" .Release.Namespace "").kind }}
  namespace: {{ (lookup "v1" "Namespace" "" .Release.Namespace).status.phase }}
  replicas: {{ kindOf (lookup "apps/v1" "Deployment" "kube-system" "").items }}
`;

test("lookup answers from a live cluster what real helm's does", async (t) => {
  await using shop = await openShop(t);
  if (shop === undefined) return;
  const { cluster, namespace } = shop;
  await cluster.ensureNamespace(namespace);
  await cluster.create({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "settings", namespace, labels: { app: "shop" } },
    data: { word: "found" },
  });
  const directory = await mkdtemp(join(tmpdir(), "slipway-lookup-"));
  t.after(() => rm(directory, { recursive: true }));
  await mkdir(join(directory, "templates"));
  await writeFile(join(directory, "Chart.yaml"), "apiVersion: v2\nname: shop\nversion: 0.1.0\n");
  await writeFile(join(directory, "templates/answers.yaml"), TEMPLATE);
  const chart = await loadChart(directory);
  const { manifest } = await renderWithLookups(
    cluster,
    (lookup) =>
      renderChart(
        chart,
        new GoMap(),
        { name: "answers", namespace, revision: 1, isUpgrade: false },
        { lookup },
      ),
    new AbortController().signal,
  );
  assert.match(manifest, /word: "found"/);
  const theirs = JSON.parse(
    await shop.helm("install", "answers", directory, "--dry-run=server", "--output", "json"),
  ) as { manifest: string };
  assert.equal(manifest, theirs.manifest);
});
