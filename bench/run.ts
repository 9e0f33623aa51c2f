/**
 * Compares the shipped program with its peers on this machine: `npm run bench [-- NAME…]`, names being those below. Both sides
 * of a case run in turn in one process; read differences under 15 % as noise, and more of it on a busy machine.
 */
import { access } from "node:fs/promises";
import { loadavg } from "node:os";
import { scratchDirectory } from "#disk";
import { bringUp, tools, whatIsLacking, type PartName } from "../test/env/index.ts";
import { benchBuild } from "./build.bench.ts";
import { benchCharts } from "./charts.bench.ts";
import { slipway } from "./harness.ts";
import { benchPush } from "./push.bench.ts";
import { benchStartUp } from "./start-up.bench.ts";

interface Bench {
  readonly needs: readonly PartName[];
  readonly run: (scratch: string) => Promise<void>;
}

const BENCHES: Readonly<Record<string, Bench>> = {
  "start-up": { needs: ["helm"], run: () => benchStartUp(tools.helm) },
  charts: { needs: ["helm"], run: (scratch) => benchCharts(tools.helm, scratch) },
  build: { needs: ["registry"], run: benchBuild },
  push: { needs: ["registry"], run: benchPush },
};

process.exitCode = await main(process.argv.slice(2));

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.find((name) => !(name in BENCHES));
  if (unknown !== undefined) {
    process.stderr.write(`No benchmark is called ${unknown}; there are ${Object.keys(BENCHES).join(", ")}\n`);
    return 2;
  }
  await import("../scripts/bundle.ts");
  await access(slipway);
  const load = (): string =>
    loadavg()
      .map((value) => value.toFixed(1))
      .join(" ");
  process.stdout.write(`Load of this machine at the start: ${load()}\n`);
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const reason = await whatIsLacking(bench.needs);
    if (reason !== undefined) {
      process.stdout.write(`\n${name} is left out: ${reason}\n`);
      continue;
    }
    await bringUp(bench.needs);
    await using scratch = await scratchDirectory("/tmp", `bench-${name}`);
    await bench.run(scratch.path);
  }
  process.stdout.write(`\nLoad at the end: ${load()}\n`);
  return 0;
}
