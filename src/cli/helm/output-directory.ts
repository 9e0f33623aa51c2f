import { appendFile, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { makeDirectory } from "#disk";
import type { RenderedRelease, TemplateOutputOptions } from "#chart";
import { fault } from "./arguments.ts";

export interface OutputDirectory {
  readonly crds: string;
  readonly objects: string;
  /** Told of each write. */
  readonly say: (text: string) => void;
}

/** Writes each template's objects to a file of its own. */
export async function writeOut(
  rendered: RenderedRelease,
  options: TemplateOutputOptions,
  target: OutputDirectory,
): Promise<void> {
  const write = writer(target.say);
  if (options.includeCrds === true) {
    for (const crd of rendered.crds) await write(target.crds, crd.filename, crd.content);
  }
  for (const one of rendered.manifests) await write(target.objects, one.path, one.content);
}

/** Adds the hooks to what is there. */
export async function writeHooksOut(
  rendered: RenderedRelease,
  options: TemplateOutputOptions,
  target: OutputDirectory,
): Promise<void> {
  if (options.noHooks === true) return;
  const write = writer(target.say, true);
  for (const hook of rendered.hooks) {
    if (options.skipTests === true && hook.events.includes("test")) continue;
    await write(target.objects, hook.path, hook.content);
  }
}

function writer(say: (text: string) => void, isAdding = false) {
  const begun = new Set<string>();
  return async (directory: string, name: string, content: string): Promise<void> => {
    const path = `${directory}/${name}`;
    const text = `---\n# Source: ${name}\n${content}\n`;
    await needDirectory(dirname(path));
    await (isAdding || begun.has(path) ? appendFile(path, text) : writeFile(path, text));
    begun.add(path);
    say(`wrote ${path}\n`);
  };
}

/** Looked at first, as Helm does: a file in its way is then told in Helm's words. */
async function needDirectory(path: string): Promise<void> {
  try {
    const found = await stat(path);
    if (!found.isDirectory()) throw fault(`mkdir ${path}: not a directory`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    await makeDirectory(path);
  }
}
