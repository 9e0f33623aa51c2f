import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeDirectory } from "./directory.ts";

export interface ScratchDirectory extends AsyncDisposable {
  readonly path: string;
}

/** A fresh private directory below `parent`, removed with all it holds on dispose. */
export async function scratchDirectory(parent: string, prefix: string): Promise<ScratchDirectory> {
  await makeDirectory(parent);
  const path = await mkdtemp(join(parent, `${prefix}-`));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
