/** Writes the reference pages from the tables of the code; with --check only says whether they differ. */
import { readFile, writeFile } from "node:fs/promises";
import { templatePage } from "./template-page.ts";
import { commandPage } from "../src/cli/reference-page.ts";

const PAGES: Readonly<Record<string, () => Promise<string> | string>> = {
  "docs/cli.md": () => commandPage(),
  "docs/templates.md": () => templatePage(),
};

const isCheck = process.argv.includes("--check");
for (const [path, make] of Object.entries(PAGES)) {
  const text = await make();
  const file = new URL(`../${path}`, import.meta.url);
  if (!isCheck) {
    await writeFile(file, text);
  } else if ((await readFile(file, "utf8").catch(() => "")) !== text) {
    process.stdout.write(`${path} differs from the code: run "npm run docs"\n`);
    process.exitCode = 1;
  }
}
