import { chmodSync, chownSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { SlipwayError } from "#errors";
import { DEVICE_DIRECTORIES, DEVICE_FILES, DEVICE_LINKS } from "./mount-table.ts";
import type { SandboxFile, SandboxMount, SandboxStep } from "./step.ts";

/** A mount whose source exists. */
export interface StagedMount {
  readonly source: string;
  readonly target: string;
  readonly kind: "file" | "directory";
  readonly isReadOnly: boolean;
}

export interface Staged {
  /** Options of the two overlay mounts, relative to the staging directory and hence short, however many layers there are. */
  readonly mergedOptions: string;
  readonly belowOptions: string;
  readonly mounts: readonly StagedMount[];
}

/**
 * Fills the directory beside which everything is mounted:
 *
 *     l/0 … l/n   links to the lower directories, top first
 *     s           the lowest directory of all: empty places for everything that is mounted into the root
 *     e           empty: overlayfs wants two lower directories when it has no upper one
 *     u, w        links to upper and work
 *     m, b        mount points of the whole root and of the lower directories alone
 *     d           becomes /dev
 *     f/0 … f/n   content of the files
 *     1, 2        pipes for the command's output, made by the script
 */
export function stage(
  directory: string,
  step: SandboxStep,
  mounts: readonly SandboxMount[],
  files: readonly SandboxFile[],
  isUserNamespace: boolean,
): Staged {
  const at = (name: string): string => join(directory, name);
  for (const name of ["l", "s", "e", "m", "b", "d", "f"]) mkdirSync(at(name));
  for (const name of ["s", "e", "d"]) chmodSync(at(name), 0o755);
  takeRootOwner(step);
  const contents = files.map((file, index) => writeContent(at(`f/${index}`), file));
  const staged = [...mounts.map(checkMount), ...contents];
  for (const [index, path] of step.lower.entries()) symlinkSync(path, at(`l/${index}`));
  symlinkSync(step.upper, at("u"));
  symlinkSync(step.work, at("w"));
  makeDevices(at("d"));
  makePlaces(at("s"), staged);
  const lower = [...step.lower.map((_, index) => `l/${index}`), "s", "e"].join(":");
  const trusted = isUserNamespace ? ",userxattr" : "";
  const common = `lowerdir=${lower},index=off,xino=off,metacopy=off${isUserNamespace ? "" : ",redirect_dir=off"}${trusted}`;
  return {
    mergedOptions: `nodev,${common},upperdir=u,workdir=w`,
    belowOptions: `ro,nodev,lowerdir=${lower}${trusted}`,
    mounts: staged,
  };
}

/** The root directory of an overlay is the upper one's, whose mode would else be that of slipway's umask. */
function takeRootOwner({ lower, upper }: SandboxStep): void {
  const top = lower[0];
  const below = top === undefined ? { mode: 0o755, uid: 0, gid: 0 } : statSync(top);
  const mine = statSync(upper);
  if (below.uid !== mine.uid || below.gid !== mine.gid) chownSync(upper, below.uid, below.gid);
  chmodSync(upper, below.mode & 0o7777);
}

function checkMount(mount: SandboxMount): StagedMount {
  try {
    const kind = statSync(mount.source).isDirectory() ? "directory" : "file";
    return { source: mount.source, target: mount.target, kind, isReadOnly: mount.readOnly ?? false };
  } catch (cause) {
    throw new SlipwayError(
      "SANDBOX_MOUNT_MISSING",
      `Cannot mount ${mount.source} at ${mount.target}: it cannot be read`,
      {
        cause,
        hint: "Make the file or directory, or take the mount out of the settings",
      },
    );
  }
}

function writeContent(source: string, file: SandboxFile): StagedMount {
  writeFileSync(source, file.content, { mode: 0o600 });
  chmodSync(source, file.mode ?? 0o444);
  return { source, target: file.target, kind: "file", isReadOnly: file.isWritable !== true };
}

function makeDevices(directory: string): void {
  for (const name of DEVICE_DIRECTORIES) mkdirSync(join(directory, name));
  for (const name of DEVICE_FILES) writeFileSync(join(directory, name), "");
  for (const [name, target] of Object.entries(DEVICE_LINKS)) symlinkSync(target, join(directory, name));
}

function makePlaces(root: string, mounts: readonly StagedMount[]): void {
  for (const name of ["proc", "sys", "dev"]) makeDirectory(root, `/${name}`);
  for (const { target, kind } of mounts) {
    makeDirectory(root, kind === "directory" ? target : dirname(target));
    if (kind === "file") makeFile(join(root, target));
  }
}

function makeDirectory(root: string, path: string): void {
  let at = root;
  for (const word of join("/", path)
    .split("/")
    .filter((part) => part !== "")) {
    at = join(at, word);
    try {
      mkdirSync(at);
      chmodSync(at, 0o755);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

function makeFile(path: string): void {
  try {
    writeFileSync(path, "", { flag: "wx" });
    chmodSync(path, 0o644);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== "EEXIST" && code !== "EISDIR") throw error;
  }
}
