import { openCluster } from "#kube";
import { deployRelease } from "#release";
import { web } from "./shop.ts";

// Deploys as a process of its own, and says on stdout when objects begin to be applied, so that a test can kill it there.
const [, , kubeConfig = "", namespace = ""] = process.argv;
await using cluster = await openCluster({ kubeConfig, env: {} });
await deployRelease({
  cluster,
  name: "shop",
  namespace,
  rendered: {
    manifest: web(),
    hooks: [],
    notes: "",
    chart: {
      metadata: { name: "shop", version: "0.1.0", apiVersion: "v2" },
      templates: [],
      values: {},
      files: [],
    },
    config: {},
  },
  events: (event) => {
    if (event.type === "notice" && event.text.endsWith("created")) process.stdout.write(`${event.text}\n`);
  },
});
