/** Runs a file of vectors that real Helm has computed: `node test/conformance/gotemplate.ts FILE`. */
import { readCases, runCase } from "./vectors.ts";

const file = process.argv[2];
if (file === undefined) {
  process.stderr.write("usage: node test/conformance/gotemplate.ts FILE\n");
  process.exit(2);
}
let passed = 0;
let failed = 0;
for (const one of await readCases(file)) {
  const outcome = runCase(one);
  if (outcome.passed) passed++;
  else {
    failed++;
    process.stdout.write(
      `FAIL ${outcome.name}\n  expected ${JSON.stringify(outcome.expected)}\n  got      ${JSON.stringify(outcome.got)}\n`,
    );
  }
}
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
