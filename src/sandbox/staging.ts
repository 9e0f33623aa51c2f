import { chmod, chown, mkdir, stat, symlink, writeFile } from "node:fs/promises";
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
export async function stage(
  directory: string,
  step: SandboxStep,
  mounts: readonly SandboxMount[],
  files: readonly SandboxFile[],
  isUserNamespace: boolean,
): Promise<Staged> {
  const at = (name: string): string => join(directory, name);
  await Promise.all(["l", "s", "e", "m", "b", "d", "f"].map((name) => mkdir(at(name))));
  await Promise.all(["s", "e", "d"].map((name) => chmod(at(name), 0o755)));
  await takeRootOwner(step);
  const staged = await Promise.all([
    ...mounts.map(checkMount),
    ...files.map((file, index) => writeContent(at(`f/${index}`), file)),
  ]);
  await Promise.all([
    ...step.lower.map((path, index) => symlink(path, at(`l/${index}`))),
    symlink(step.upper, at("u")),
    symlink(step.work, at("w")),
    makeDevices(at("d")),
    makePlaces(at("s"), staged),
  ]);
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
async function takeRootOwner({ lower, upper }: SandboxStep): Promise<void> {
  const top = lower[0];
  const below = top === undefined ? { mode: 0o755, uid: 0, gid: 0 } : await stat(top);
  const mine = await stat(upper);
  if (below.uid !== mine.uid || below.gid !== mine.gid) await chown(upper, below.uid, below.gid);
  await chmod(upper, below.mode & 0o7777);
}

async function checkMount(mount: SandboxMount): Promise<StagedMount> {
  try {
    const kind = (await stat(mount.source)).isDirectory() ? "directory" : "file";
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

async function writeContent(source: string, file: SandboxFile): Promise<StagedMount> {
  await writeFile(source, file.content, { mode: 0o600 });
  await chmod(source, file.mode ?? 0o444);
  return { source, target: file.target, kind: "file", isReadOnly: file.isWritable !== true };
}

async function makeDevices(directory: string): Promise<void> {
  await Promise.all([
    ...DEVICE_DIRECTORIES.map((name) => mkdir(join(directory, name))),
    ...DEVICE_FILES.map((name) => writeFile(join(directory, name), "")),
    ...Object.entries(DEVICE_LINKS).map(([name, target]) => symlink(target, join(directory, name))),
  ]);
}

async function makePlaces(root: string, mounts: readonly StagedMount[]): Promise<void> {
  for (const name of ["proc", "sys", "dev"]) await makeDirectory(root, `/${name}`);
  for (const { target, kind } of mounts) {
    await makeDirectory(root, kind === "directory" ? target : dirname(target));
    if (kind === "file") await makeFile(join(root, target));
  }
}

async function makeDirectory(root: string, path: string): Promise<void> {
  let at = root;
  for (const word of join("/", path)
    .split("/")
    .filter((part) => part !== "")) {
    at = join(at, word);
    try {
      await mkdir(at);
      await chmod(at, 0o755);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
}

async function makeFile(path: string): Promise<void> {
  try {
    await writeFile(path, "", { flag: "wx" });
    await chmod(path, 0o644);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== "EEXIST" && code !== "EISDIR") throw error;
  }
}
