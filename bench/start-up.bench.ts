import { compare, execute, node, slipway } from "./harness.ts";

/** The least that a program of either kind takes. */
export async function benchStartUp(helm: string): Promise<void> {
  await compare("Start-up", [
    {
      name: "version",
      aim: 1.3,
      rounds: 15,
      slipway: { label: "slipway", run: () => execute(node, [slipway, "version"]) },
      peer: { label: "helm", run: () => execute(helm, ["version"]) },
    },
  ]);
}
