import { readdir, readFile, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { exists } from "#disk";
import { fingerprint } from "./cache.ts";
import { goBinary, goProgram, lacksGo, type GoProgram } from "./go.ts";
import type { Part } from "./part.ts";

/** The names under which the one binary is another program. */
const NAMES = [
  "kube-apiserver",
  "kube-controller-manager",
  "kube-scheduler",
  "kubelet",
  "kube-proxy",
  "kubectl",
] as const;

const source = join(import.meta.dirname, "kubernetes");

/** Kubernetes' own programs, built from the module in ./kubernetes; cached under the hash of its sources. */
export const kubernetes: Part = {
  name: "kubernetes",
  needs: [],
  lacks: async () => ((await exists(goBinary(await program()))) ? undefined : lacksGo("Kubernetes")),
  async up() {
    const binary = await goProgram(await program());
    for (const name of NAMES) {
      const link = join(dirname(binary), name);
      if (!(await exists(link))) await symlink("kubernetes", link);
    }
  },
  down: async () => undefined,
  async status() {
    const binary = goBinary(await program());
    return (await exists(binary)) ? binary : "not built";
  },
};

/** The path of one of Kubernetes' programs. */
export async function kubernetesProgram(name: (typeof NAMES)[number]): Promise<string> {
  return join(dirname(goBinary(await program())), name);
}

async function program(): Promise<GoProgram> {
  const files = (await readdir(source)).sort().map((name) => join(source, name));
  const version =
    /k8s\.io\/kubernetes (v[\d.]+)/.exec(await readFile(join(source, "go.mod"), "utf8"))?.[1] ?? "";
  return {
    part: "kubernetes",
    binary: "kubernetes",
    version: `${version}-${await fingerprint(files)}`,
    source,
    variables: {
      "k8s.io/component-base/version.gitVersion": version,
      "k8s.io/client-go/pkg/version.gitVersion": version,
    },
  };
}
