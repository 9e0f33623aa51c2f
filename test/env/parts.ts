import { cluster } from "./cluster.ts";
import { coredns } from "./coredns.ts";
import { helm } from "./helm.ts";
import { images } from "./images.ts";
import { kubernetes } from "./kubernetes.ts";
import { npmTools } from "./npm-tools.ts";
import { oldestNode } from "./oldest-node.ts";
import { packages } from "./packages.ts";
import type { Part } from "./part.ts";
import { registry } from "./registry.ts";

/** Every part, each after those that it needs. */
export const PARTS: readonly Part[] = [
  packages,
  npmTools,
  oldestNode,
  helm,
  kubernetes,
  coredns,
  images,
  registry,
  cluster,
];
