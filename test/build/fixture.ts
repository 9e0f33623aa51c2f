import { readlinkSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { tmpdir } from "node:os";
import {
  executePlan,
  localStages,
  openBuild,
  planBuild,
  rootOf,
  type BuildOptions,
  type BuiltImage,
} from "#build";
import type { Event } from "#events";
import { openRepository } from "#git";
import { openHttp } from "#http";
import { openContentStore, openRegistry } from "#oci";
import { run } from "#process";
import { loadProject } from "#project";
import { bringUp, mirrorAddress } from "../env/index.ts";

/** A repository and a home of slipway in a directory of their own. */
export interface Workshop extends AsyncDisposable {
  readonly root: string;
  readonly repository: string;
  readonly home: string;
  write(files: Readonly<Record<string, string | Buffer | null>>): Promise<void>;
  commit(message?: string): Promise<string>;
  git(...args: readonly string[]): Promise<string>;
  build(
    options?: Partial<BuildOptions> & { readonly home?: string; readonly directory?: string },
  ): Promise<Built>;
}

export interface Built {
  readonly images: readonly BuiltImage[];
  readonly events: readonly Event[];
  /** Stages that were built and that were reused, `image/stage`. */
  readonly built: readonly string[];
  readonly reused: readonly string[];
  readonly notices: readonly string[];
}

export const MIRROR: string = `http://${mirrorAddress}`;

export async function openWorkshop(): Promise<Workshop> {
  await bringUp(["registry"]);
  const root = await mkdtemp(join(tmpdir(), "slipway-build-"));
  const repository = join(root, "repository");
  const home = join(root, "home");
  await mkdir(repository);
  const git = async (...args: readonly string[]): Promise<string> => {
    const env = { PATH: process.env["PATH"] ?? "", HOME: root, GIT_AUTHOR_DATE: "", GIT_COMMITTER_DATE: "" };
    const { stdout } = await run(
      "git",
      ["-c", "user.name=Test", "-c", "user.email=test@example.com", ...args],
      { cwd: repository, env },
    );
    return stdout.toString().trim();
  };
  await git("init", "--quiet", "--initial-branch=main");
  return {
    root,
    repository,
    home,
    git,
    async write(files) {
      for (const [name, content] of Object.entries(files)) {
        const path = join(repository, name);
        if (content === null) await rm(path, { recursive: true });
        else {
          await mkdir(dirname(path), { recursive: true });
          await writeFile(path, content);
        }
      }
    },
    async commit(message = "change") {
      await git("add", "--all");
      await git("commit", "--quiet", "--allow-empty", "-m", message);
      return git("rev-parse", "HEAD");
    },
    build: (options = {}) => build(options.directory ?? repository, options.home ?? home, options),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

export async function build(directory: string, home: string, options: Partial<BuildOptions>): Promise<Built> {
  const env = { PATH: process.env["PATH"] ?? "", HOME: home };
  const events: Event[] = [];
  await using repository = await openRepository(directory, { env });
  const http = openHttp({ env, userAgent: "slipway-test" });
  const session = await openBuild({
    project: await loadProject({ projectDir: directory, env }),
    repository,
    storage: localStages(join(home, "stages")),
    store: await openContentStore(join(home, "store")),
    registry: openRegistry({ http, mirrors: { "docker.io": [MIRROR] }, env }),
    locksDirectory: join(home, "locks"),
    version: "0.0.0",
    events: (event) => events.push(event),
    signal: new AbortController().signal,
    now: Date.now,
    ...options,
  });
  const images = await executePlan(await planBuild(session), session);
  const ended = (isReused: boolean): readonly string[] =>
    events.flatMap((event) =>
      event.type === "finished" && event.path.length === 2 && (event.outcome === "reused") === isReused
        ? [event.path.map((part) => part.replace(/^(image|artifact|stage) /, "")).join("/")]
        : [],
    );
  return {
    images,
    events,
    built: ended(false),
    reused: ended(true),
    notices: events.flatMap((event) => (event.type === "notice" ? [event.text] : [])),
  };
}

/** What stands in the root of a finished image: path → content, link target or "directory", with mode and owner. */
export async function rootOfImage(
  image: BuiltImage,
  home: string,
  path: string,
): Promise<Readonly<Record<string, string>>> {
  const env = { PATH: process.env["PATH"] ?? "" };
  const store = await openContentStore(join(home, "store"));
  const registry = openRegistry({
    http: openHttp({ env, userAgent: "slipway-test" }),
    mirrors: { "docker.io": [MIRROR] },
    env,
  });
  const { view, directories } = await rootOf(image.record.image.layers, {
    store,
    registry,
    signal: new AbortController().signal,
  });
  const found: Record<string, string> = {};
  const walk = (at: string): void => {
    for (const name of view.list(at)) {
      const below = `${at}/${name}`;
      const stats = view.stat(below);
      if (stats === undefined) continue;
      const shown = below.slice(path.length + 1);
      const about = `${(stats.mode & 0o7777).toString(8)} ${stats.uid}:${stats.gid}`;
      if (stats.isDirectory()) {
        found[`${shown}/`] = about;
        walk(below);
      } else if (stats.isSymbolicLink()) found[shown] = `-> ${linkOf(directories, below)}`;
      else found[shown] = `${about} ${view.read(below)}`;
    }
  };
  walk(path);
  return found;
}

function linkOf(directories: readonly string[], path: string): string {
  for (const directory of directories) {
    try {
      return readlinkSync(join(directory, path));
    } catch {
      continue;
    }
  }
  return "";
}
