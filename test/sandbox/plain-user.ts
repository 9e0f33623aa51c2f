import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, type RunResult } from "#process";
import { userNamespaceCommand } from "#sandbox";

/** A user of this machine who is not root and has subordinate ids; gone, with all that is theirs, on dispose. */
export interface PlainUser extends AsyncDisposable {
  readonly name: string;
  readonly uid: number;
  readonly home: string;
  /** Runs a program as the user, without any namespace. */
  run(argv: readonly string[]): Promise<RunResult>;
  /** Runs a program as the user's slipway runs itself: as root of a user namespace. */
  runInNamespace(argv: readonly string[]): Promise<RunResult>;
}

export async function addPlainUser(): Promise<PlainUser> {
  const name = `slipway-${process.pid}`;
  const home = await mkdtemp(join(tmpdir(), "plain-user-"));
  await run("useradd", ["--home-dir", home, "--no-create-home", "--shell", "/bin/sh", name]);
  await run("chown", [name, home]);
  const uid = Number((await run("id", ["-u", name])).stdout.toString());
  const env = { PATH: process.env["PATH"] ?? "", HOME: home };
  const as = (argv: readonly string[]): Promise<RunResult> =>
    run("setpriv", [`--reuid=${name}`, `--regid=${name}`, "--init-groups", "--", ...argv], {
      env,
      cwd: home,
      accept: ANY_CODE,
    });
  await mkdir(home, { recursive: true });
  return {
    name,
    uid,
    home,
    run: as,
    runInNamespace: (argv) => as(userNamespaceCommand(argv)),
    async [Symbol.asyncDispose]() {
      await run("userdel", [name], { accept: ANY_CODE });
      await rm(home, { recursive: true, force: true });
    },
  };
}

const ANY_CODE = Array.from({ length: 256 }, (_, code) => code);
