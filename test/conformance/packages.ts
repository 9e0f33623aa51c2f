/**
 * Packs every chart below a directory with slipway and with a real helm and compares the archives, members' headers
 * included, but for their times: `node test/conformance/packages.ts DIR... [--helm PATH] [--only PART] [--quiet]`.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { helmPath } from "../env/helm.ts";
import { membersOf, type Member } from "./archive-members.ts";
import { byHelm, bySlipway, type Outcome } from "./both.ts";
import { chartsBelow } from "./chart-tree.ts";

const { positionals, values: flags } = parseArgs({
  allowPositionals: true,
  options: {
    helm: { type: "string", default: process.env["SLIPWAY_TEST_HELM"] ?? helmPath },
    only: { type: "string" },
    quiet: { type: "boolean", default: false },
  },
});

const scratch = await mkdtemp(join(tmpdir(), "slipway-packages-"));
const home = join(scratch, "home");
const passed = new Map<boolean, number>();
let failed = 0;
try {
  for (const directory of positionals.map((path) => resolve(path))) {
    for await (const chart of chartsBelow(directory)) {
      const name = relative(directory, chart) || ".";
      if (!name.includes(flags.only ?? "")) continue;
      const theirs = await packed(chart, "helm", (words) => byHelm(flags.helm, words, home));
      const mine = await packed(chart, "slipway", (words) => bySlipway(words, home));
      const difference = differenceOf(mine, theirs);
      if (difference === undefined) {
        const hasFailed = theirs.code !== 0;
        passed.set(hasFailed, (passed.get(hasFailed) ?? 0) + 1);
        if (!flags.quiet) process.stdout.write(`ok   ${name}\n`);
      } else {
        failed++;
        process.stdout.write(`FAIL ${name}\n  ${chart}\n${difference}\n`);
      }
    }
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
process.stdout.write(
  `${passed.get(false) ?? 0} archives alike, ${passed.get(true) ?? 0} refused alike, ${failed} failed\n`,
);
process.exitCode = failed === 0 ? 0 : 1;

interface Packed extends Outcome {
  /** The archive's file and what is in it, where there is one. */
  readonly file: string | undefined;
  readonly tar: Buffer;
}

async function packed(
  chart: string,
  by: string,
  pack: (words: readonly string[]) => Promise<Outcome>,
): Promise<Packed> {
  const directory = join(scratch, by);
  await rm(directory, { recursive: true, force: true });
  const outcome = await pack(["package", chart, "--destination", directory]);
  const [file] = await readdir(directory).catch(() => []);
  const tar = file === undefined ? Buffer.alloc(0) : gunzipSync(await readFile(join(directory, file)));
  return { ...outcome, output: outcome.output.replaceAll(directory, "DIR"), file, tar };
}

function differenceOf(mine: Packed, theirs: Packed): string | undefined {
  for (const part of ["code", "output", "file"] as const) {
    if (mine[part] !== theirs[part]) {
      const said = (one: Packed): string => `${one[part] ?? "none"} ${one.error}`;
      return `  helm:    ${said(theirs)}\n  slipway: ${said(mine)}`;
    }
  }
  if (mine.code !== 0 && mine.error !== theirs.error)
    return `  helm:    ${theirs.error}\n  slipway: ${mine.error}`;
  const [ours, wanted] = [membersOf(mine.tar), membersOf(theirs.tar)];
  for (let at = 0; at < Math.max(ours.length, wanted.length); at++) {
    const [our, want] = [ours[at], wanted[at]];
    if (our?.name !== want?.name) return `  helm:    ${want?.name}\n  slipway: ${our?.name}`;
    if (our?.header !== want?.header)
      return `  ${want?.name}\n  helm:    ${fieldsOf(want)}\n  slipway: ${fieldsOf(our)}`;
    if (want !== undefined && our?.data.equals(want.data) !== true) {
      const theirLines = want.data.toString().split("\n");
      const ourLines = our?.data.toString().split("\n") ?? [];
      const line = theirLines.findIndex((text, index) => text !== ourLines[index]);
      return `  ${want.name}, line ${line + 1}\n  helm:    ${theirLines[line]}\n  slipway: ${ourLines[line]}`;
    }
  }
  return undefined;
}

function fieldsOf(member: Member | undefined): string {
  return JSON.stringify(member?.header.split(/\0+/));
}
