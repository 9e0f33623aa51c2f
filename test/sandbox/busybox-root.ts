import { copyFile, mkdir, symlink, writeFile, chmod } from "node:fs/promises";
import { join } from "node:path";
import { findProgram, run } from "#process";
import { bringUp } from "../env/index.ts";

/** Makes a root filesystem of a static busybox, with users of its own. */
export async function makeBusyboxRoot(directory: string): Promise<string> {
  await bringUp(["packages"]);
  const busybox = (await findProgram("busybox", "/usr/bin:/bin")) ?? "/bin/busybox";
  for (const name of ["bin", "etc", "tmp", "var/lib/thing/deep"])
    await mkdir(join(directory, name), { recursive: true });
  await chmod(join(directory, "tmp"), 0o1777);
  await copyFile(busybox, join(directory, "bin/busybox"));
  const { stdout } = await run(busybox, ["--list"]);
  const names = stdout
    .toString()
    .split("\n")
    .filter((name) => name !== "" && name !== "busybox");
  await Promise.all(names.map((name) => symlink("busybox", join(directory, "bin", name))));
  await writeFile(
    join(directory, "etc/passwd"),
    "root:x:0:0::/root:/bin/sh\napp:x:1000:1001::/home/app:/bin/sh\n",
  );
  await writeFile(join(directory, "etc/group"), "root:x:0:\napps:x:1001:\nmedia:x:44:app\n");
  for (const name of ["a", "deep/b"]) await writeFile(join(directory, "var/lib/thing", name), name);
  return directory;
}
