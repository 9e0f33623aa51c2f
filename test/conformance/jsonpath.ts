/**
 * Asks a real helm what `show values --jsonpath` prints for each template of src/jsonpath/testdata, and writes it down:
 * `node test/conformance/jsonpath.ts [--helm PATH]`. To add cases, add lines that have a template only.
 */
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { helmPath } from "../env/helm.ts";
import { byHelm } from "./both.ts";

const { values: flags } = parseArgs({ options: { helm: { type: "string", default: helmPath } } });
const testdata = join(import.meta.dirname, "../../src/jsonpath/testdata");
const file = join(testdata, "templates.jsonl");

const chart = await mkdtemp(join(tmpdir(), "slipway-jsonpath-"));
try {
  await writeFile(join(chart, "Chart.yaml"), "apiVersion: v2\nname: values\nversion: 0.1.0\n");
  await copyFile(join(testdata, "values.yaml"), join(chart, "values.yaml"));
  const lines = (await readFile(file, "utf8")).trim().split("\n");
  const answers: string[] = [];
  for (const line of lines) {
    const { template } = JSON.parse(line) as { template: string };
    const { code, output, error } = await byHelm(
      flags.helm,
      ["show", "values", chart, "--jsonpath", template],
      chart,
    );
    answers.push(JSON.stringify({ template, ...(code === 0 ? { output } : { error }) }));
  }
  await writeFile(file, `${answers.join("\n")}\n`);
} finally {
  await rm(chart, { recursive: true, force: true });
}
