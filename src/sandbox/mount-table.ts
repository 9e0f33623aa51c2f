import { readdirSync, readFileSync, realpathSync } from "node:fs";

/** One line of an fstab: what `mount --all --fstab FILE` does in a single process, in order. */
export interface MountLine {
  readonly source: string;
  readonly target: string;
  readonly type: string;
  readonly options: string;
}

const DEVICES = ["null", "zero", "full", "random", "urandom", "tty"];
const READ_ONLY_IN_PROC = ["bus", "fs", "irq", "sys", "sysrq-trigger"];
const HIDDEN_IN_PROC = ["kcore", "keys", "sched_debug", "timer_list"];

/** Files and links that a prepared /dev directory holds, for devicesLines() to mount over. */
export const DEVICE_FILES: readonly string[] = [...DEVICES, "console"];
export const DEVICE_DIRECTORIES: readonly string[] = ["pts", "shm", "mqueue"];
export const DEVICE_LINKS: Readonly<Record<string, string>> = {
  fd: "/proc/self/fd",
  stdin: "/proc/self/fd/0",
  stdout: "/proc/self/fd/1",
  stderr: "/proc/self/fd/2",
  ptmx: "pts/ptmx",
};

/** @param source the prepared directory; `nodev`, so that a device made in it cannot be opened. */
export function deviceLines(
  source: string,
  target: string,
  terminal: string | undefined,
): readonly MountLine[] {
  const bind = (from: string, to: string): MountLine => ({
    source: from,
    target: `${target}/${to}`,
    type: "none",
    options: "bind",
  });
  return [
    { source, target, type: "none", options: "bind,nosuid,nodev" },
    ...DEVICES.map((name) => bind(`/dev/${name}`, name)),
    ...(terminal === undefined ? [] : [bind(terminal, "console")]),
    {
      source: "devpts",
      target: `${target}/pts`,
      type: "devpts",
      options: "newinstance,ptmxmode=0666,mode=0620,gid=5,nosuid,noexec",
    },
    {
      source: "shm",
      target: `${target}/shm`,
      type: "tmpfs",
      options: "nosuid,nodev,noexec,mode=1777,size=65536k",
    },
    { source: "mqueue", target: `${target}/mqueue`, type: "mqueue", options: "nosuid,nodev,noexec" },
  ];
}

/**
 * /proc and /sys. For real root the parts of /proc that change the machine are read-only and those that tell its secrets are
 * hidden, as Docker has them; inside a user namespace the kernel refuses them by itself.
 */
export function kernelLines(
  proc: string,
  sys: string,
  place: { readonly isUserNamespace: boolean; readonly hasOwnNetwork: boolean },
): readonly MountLine[] {
  const lines: MountLine[] = [{ source: "proc", target: proc, type: "proc", options: "nosuid,nodev,noexec" }];
  if (place.isUserNamespace && !place.hasOwnNetwork) {
    lines.push({ source: "/sys", target: sys, type: "none", options: "rbind,ro,nosuid,nodev,noexec" });
  } else {
    lines.push({ source: "sysfs", target: sys, type: "sysfs", options: "ro,nosuid,nodev,noexec" });
  }
  if (place.isUserNamespace) return lines;
  const present = new Set(readdirSync("/proc"));
  for (const name of READ_ONLY_IN_PROC.filter((candidate) => present.has(candidate))) {
    const at = `${proc}/${name}`;
    lines.push({ source: at, target: at, type: "none", options: "bind,ro,nosuid,nodev,noexec" });
  }
  for (const name of HIDDEN_IN_PROC.filter((candidate) => present.has(candidate))) {
    lines.push({ source: "/dev/null", target: `${proc}/${name}`, type: "none", options: "bind" });
  }
  return lines;
}

/**
 * A bind mount of this machine's file or directory. Read-only needs the flags of the mount that the source is on: a user
 * namespace may not take any of them away.
 */
export function bindLine(source: string, target: string, isReadOnly: boolean): MountLine {
  const options = isReadOnly ? ["rbind", "ro", "nodev", ...lockedFlags(source)] : ["rbind"];
  return { source, target, type: "none", options: options.join(",") };
}

export function formatMountTable(lines: readonly MountLine[]): string {
  return lines
    .map((line) => `${escape(line.source)} ${escape(line.target)} ${line.type} ${line.options} 0 0\n`)
    .join("");
}

function escape(path: string): string {
  return path.replace(/[\s\\#]/g, (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`);
}

function lockedFlags(source: string): readonly string[] {
  const path = realpathSync(source);
  let best = "";
  let flags: readonly string[] = [];
  for (const line of readFileSync("/proc/self/mountinfo", "utf8").split("\n")) {
    const fields = line.split(" ");
    const point = (fields[4] ?? "").replace(/\\(\d{3})/g, (_, octal: string) =>
      String.fromCharCode(parseInt(octal, 8)),
    );
    const covers = point === "/" || path === point || path.startsWith(`${point}/`);
    if (point === "" || !covers || point.length < best.length) continue;
    best = point;
    flags = (fields[5] ?? "").split(",");
  }
  return flags.filter((flag) => ["nosuid", "noexec", "noatime", "nodiratime", "relatime"].includes(flag));
}
