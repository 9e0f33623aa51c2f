import { createWriteStream } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { start } from "#process";
import { installPrograms, lacksPrograms } from "../test/env/packages.ts";
import { programEnv, shell } from "../test/env/shell.ts";
import { execute, type Usage } from "./harness.ts";

export interface Docker extends AsyncDisposable {
  /** Loads the image of an OCI layout under a name. */
  load(layout: string, name: string): Promise<void>;
  /** `docker build` with BuildKit. */
  build(context: string, args: readonly string[]): Promise<Usage>;
}

const PROGRAMS = { dockerd: "docker.io" };

/**
 * Starts Debian's dockerd with all of its state below `directory`; it ends with this process at the latest. Answers why not
 * when this machine cannot.
 */
export async function startDocker(directory: string): Promise<Docker | string> {
  const lacking = await lacksPrograms(PROGRAMS);
  if (lacking !== undefined) return lacking;
  await installPrograms(PROGRAMS);
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, "daemon.json"), "{}");
  const address = `unix://${join(directory, "socket")}`;
  const { child, ended } = start("setpriv", ["--pdeathsig", "TERM", "dockerd", ...flags(directory), "-H", address], { env: programEnv() }, ["ignore", "ignore", "pipe"]); // prettier-ignore
  child.stderr?.pipe(createWriteStream(join(directory, "log")));
  let isOver = false;
  void ended.finally(() => (isOver = true));
  const docker = (...args: readonly string[]): Promise<unknown> =>
    shell("/usr/bin/docker", ["-H", address, ...args]);
  for (let attempt = 0; ; attempt++) {
    const answers = await docker("info").then(
      () => true,
      () => false,
    );
    if (answers) break;
    if (isOver || attempt === 300) {
      child.kill("SIGKILL");
      return `dockerd did not start; see ${join(directory, "log")}`;
    }
    await sleep(100);
  }
  return {
    async load(layout, name) {
      const archive = join(directory, "image.tar");
      await rm(archive, { force: true });
      await shell("skopeo", ["copy", "--quiet", "--insecure-policy", `oci:${layout}`, `docker-archive:${archive}:${name}`]); // prettier-ignore
      await docker("load", "--quiet", "--input", archive);
    },
    build: (context, args) =>
      execute("/usr/bin/docker", ["-H", address, "build", "--quiet", "--network=host", ...args, context], {
        env: programEnv({ DOCKER_BUILDKIT: "1" }),
      }),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

function flags(directory: string): readonly string[] {
  return [
    ["--config-file", join(directory, "daemon.json")],
    ["--data-root", join(directory, "data")],
    ["--exec-root", join(directory, "exec")],
    ["--pidfile", join(directory, "pid")],
    ["--iptables=false", "--bridge=none"],
  ].flat();
}
