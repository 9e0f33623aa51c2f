import { exists } from "#disk";
import { goBinary, goProgram, lacksGo, type GoProgram } from "./go.ts";
import type { Part } from "./part.ts";

const COREDNS: GoProgram = {
  part: "coredns",
  binary: "coredns",
  version: "v1.15.0",
  source: "github.com/coredns/coredns@v1.15.0",
};

export const corednsPath: string = goBinary(COREDNS);

/** The cluster's name server. */
export const coredns: Part = {
  name: "coredns",
  needs: [],
  lacks: async () => ((await exists(corednsPath)) ? undefined : lacksGo("CoreDNS")),
  up: async () => void (await goProgram(COREDNS)),
  down: async () => undefined,
  status: async () => ((await exists(corednsPath)) ? corednsPath : "not built"),
};
