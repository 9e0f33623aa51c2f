import { mkdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { scratchDirectory } from "#disk";
import { cached, madeOnce } from "./cache.ts";
import { step } from "./progress.ts";
import { has, shell } from "./shell.ts";

export interface GoProgram {
  readonly part: string;
  /** Name of the binary; `version` names its directory in the cache. */
  readonly binary: string;
  readonly version: string;
  /** A directory with a go.mod and a main package, or `module/path/cmd@version`. */
  readonly source: string;
  /** `package.variable=value`, set by the linker. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Why this machine cannot build Go programs, unless it has built this one already. */
export async function lacksGo(what: string): Promise<string | undefined> {
  return (await has("go"))
    ? undefined
    : `Go is not installed, and ${what} is built with it (https://go.dev/dl)`;
}

/** The path that goProgram builds to. */
export function goBinary({ binary, version }: GoProgram): string {
  return cached("bin", `${binary}-${version}`, binary);
}

/** Builds a program from the Go module proxy, statically and without paths of this machine, once, and one at a time. */
export async function goProgram(program: GoProgram): Promise<string> {
  const path = goBinary(program);
  return madeOnce("go", path, () =>
    step(program.part, `go build ${program.binary} ${program.version}`, async () => {
      await using scratch = await scratchDirectory(cached("scratch"), "go");
      const variables = Object.entries(program.variables ?? {}).map(([name, value]) => `-X ${name}=${value}`);
      const flags = ["-trimpath", "-ldflags", ["-s -w", ...variables].join(" ")];
      const env = { CGO_ENABLED: "0", GOFLAGS: "-buildvcs=false", GOBIN: scratch.path };
      if (program.source.includes("@")) {
        await shell("go", ["install", ...flags, program.source], { env, cwd: scratch.path });
      } else {
        await shell("go", ["build", ...flags, "-o", scratch.path, "."], { env, cwd: program.source });
      }
      await mkdir(dirname(path), { recursive: true });
      await rename(join(scratch.path, program.binary), path);
    }),
  );
}
