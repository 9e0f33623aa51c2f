import { existsSync, statSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { dirname, isAbsolute, join, posix, resolve } from "node:path";
import { makeDirectory } from "#disk";
import { loadChart, type ChartFile } from "#chart";
import { SlipwayError } from "#errors";
import { chartFromStarter, newChart } from "#scaffold";
import type { Invocation } from "../command.ts";
import { fault, warner } from "./arguments.ts";
import { helmHome } from "./home.ts";

const NAME = "^[a-zA-Z0-9._-]+$";
const LONGEST_NAME = 250;

/** `helm create NAME`. */
export async function runCreate(call: Invocation): Promise<undefined> {
  const [path = ""] = call.args;
  call.context.out(`Creating ${path}\n`);
  const name = posix.basename(path) || ".";
  const parent = path.includes("/") ? posix.normalize(path.slice(0, path.lastIndexOf("/") + 1)) : ".";
  const starter = call.flags.text("starter") ?? "";
  if (starter === "") await createNew(call, name, resolve(call.context.cwd, parent));
  else await createFrom(call, name, parent, starter);
  return undefined;
}

async function createNew(call: Invocation, name: string, parent: string): Promise<void> {
  checkName(name);
  const found = statSync(parent, { throwIfNoEntry: false });
  if (found === undefined) throw fault(`stat ${parent}: no such file or directory`);
  if (!found.isDirectory()) throw fault(`no such directory ${parent}`);
  const directory = join(parent, name);
  needFolder(directory);
  for (const file of newChart(name)) {
    const path = join(directory, file.name);
    if (existsSync(path)) {
      call.context.out(`WARNING: File ${JSON.stringify(path)} already exists. Overwriting.\n`);
    }
    await write(path, file);
  }
  await makeDirectory(join(directory, "charts"));
}

async function createFrom(call: Invocation, name: string, parent: string, starter: string): Promise<void> {
  const source = isAbsolute(starter) ? starter : join(helmHome(call).data, "starters", starter);
  const pattern = await loadChart(source, { onWarning: warner(call.context) }).catch((error: unknown) => {
    throw fault(`could not load ${source}: ${(error as Error).message}`, error);
  });
  const files = chartFromStarter(name, pattern, call.context.now().getTime() / 1000);
  const directory = join(parent, name);
  needFolder(directory);
  for (const file of files) await write(join(directory, file.name), file);
}

/** Writes a file whole: where there is no room for it, none is left that looks like one. */
async function write(path: string, file: ChartFile): Promise<void> {
  await makeDirectory(dirname(path));
  try {
    await writeFile(path, file.data);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    await rm(path, { force: true });
    throw new SlipwayError("HELM_COMMAND", `write ${path}: no space left on device`, {
      cause: error,
      hint: "The chart is there in part: make room and create it again, which writes every file anew",
    });
  }
}

function checkName(name: string): void {
  if (name.length > LONGEST_NAME) throw fault(`chart name must be between 1 and ${LONGEST_NAME} characters`);
  if (!new RegExp(NAME).test(name)) {
    throw fault(`chart name must match the regular expression ${JSON.stringify(NAME)}`);
  }
}

function needFolder(directory: string): void {
  if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw fault(`file ${directory} already exists and is not a directory`);
  }
}
