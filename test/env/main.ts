import { bringUp, takeDown, whatIsLacking } from "./environment.ts";
import type { PartName } from "./part.ts";
import { PARTS } from "./parts.ts";
import { say } from "./progress.ts";

const NAMES = PARTS.map(({ name }) => name);
const USAGE = `Usage: node test/env/main.ts up|down|status [PART...]\nParts: ${NAMES.join(" ")}; all unless told\n`;

const [command = "", ...given] = process.argv.slice(2);
const parts = given.length === 0 ? NAMES : NAMES.filter((name) => given.includes(name));
const isUnderstood = ["up", "down", "status"].includes(command) && parts.length >= given.length;

if (!isUnderstood) {
  process.stderr.write(USAGE);
  process.exitCode = 2;
} else if (command === "up") {
  process.exitCode = await up(parts);
} else if (command === "down") {
  await takeDown(parts);
} else {
  await showStatus(parts);
}

/** Brings up what this machine can have, and answers 1 when that is not all. */
async function up(names: readonly PartName[]): Promise<number> {
  const possible: PartName[] = [];
  for (const name of names) {
    const reason = await whatIsLacking([name]);
    if (reason === undefined) possible.push(name);
    else say(name, `skipped: ${reason}`);
  }
  await bringUp(possible);
  await showStatus(names);
  return possible.length === names.length ? 0 : 1;
}

async function showStatus(names: readonly PartName[]): Promise<void> {
  for (const part of PARTS.filter(({ name }) => names.includes(name))) {
    process.stdout.write(`${part.name.padEnd(11)} ${await part.status()}\n`);
  }
}
