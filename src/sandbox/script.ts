/**
 * The first half of what /bin/sh does, alike for every step. It stands in the staging directory, in fresh namespaces,
 * with a socket to slipway as file descriptor 3; what goes wrong is said there and not in the command's output.
 *
 *     sh                                slipway
 *     mounts m (all) and b (below) ──►  "mounted"
 *                                       looks into m, writes the launch file
 *     sources ./launch            ◄──   "go"
 *     the rest is mounted         ──►   "started"
 *     the command runs
 *
 * stdout and stderr are named pipes, not the sockets that Node makes of a "pipe": /dev/stdout cannot be opened on a socket.
 * `volatile` spares the fsyncs of package managers; kernels before 5.10 do not know it.
 */
export const MOUNT_SCRIPT = `
cd "$1" || exit 125
fail() { printf 'failed\\n' >&3; exit 125; }
[ -n "$6" ] && "$2" -n -t overlay overlay -o "$4,volatile" m 2>/dev/null || "$2" -n -t overlay overlay -o "$4" m 2>&3 || fail
"$2" -n -t overlay overlay -o "$3" b 2>&3 || fail
[ -z "$5" ] || "$5" -m 666 1 2 2>&3 || fail
printf 'mounted\\n' >&3
read -r answer <&3 || exit 125
. ./launch
`;

export interface Launch {
  readonly tools: {
    readonly mount: string;
    readonly setpriv: string;
    readonly unshare: string;
    readonly env: string;
  };
  readonly hostname: string;
  readonly env: Readonly<Record<string, string>>;
  /** Program of the root that sets variables which the loader of this machine's programs would obey, such as LD_PRELOAD. */
  readonly rootEnv: string | undefined;
  readonly uid: number;
  readonly gid: number;
  readonly groups: readonly number[];
  readonly cwd: string;
  readonly command: readonly string[];
  /** The command is process 1 itself; else the shell is, and takes in orphans. */
  readonly isProcessOne: boolean;
  /** stdout and stderr go to the pipes. */
  readonly hasPipes: boolean;
}

/** Docker's set. */
const CAPABILITIES = [
  "chown", "dac_override", "fsetid", "fowner", "mknod", "net_raw", "setgid", "setuid", "setfcap", "setpcap",
  "net_bind_service", "sys_chroot", "kill", "audit_write",
]; // prettier-ignore

/**
 * The second half. The merged root is moved over `/`, so that a process that breaks out of its root is where it was, then the
 * last program of this machine, unshare, changes root, directory and user, and becomes the command.
 */
export function launchScript(launch: Launch): string {
  const { tools } = launch;
  const shell: Array<[string, string]> = [];
  const beforeRoot: string[] = [];
  const inRoot: string[] = [];
  for (const [name, value] of Object.entries(launch.env)) {
    if (/^(LD_|GLIBC_TUNABLES$|MALLOC_)/.test(name) && launch.rootEnv !== undefined)
      inRoot.push(`${name}=${value}`);
    else if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !SHELL_OWN.has(name)) shell.push([name, value]);
    else beforeRoot.push(`${name}=${value}`);
  }
  const bounds = CAPABILITIES.map((name) => `+${name}`).join(",");
  const groups = launch.groups.length > 0 ? `--groups=${launch.groups.join(",")}` : "--clear-groups";
  const user = launch.uid === 0 ? [] : [`--setuid=${launch.uid}`];
  const command = [
    tools.setpriv,
    `--bounding-set=-all,${bounds}`,
    `--regid=${launch.gid}`,
    groups,
    ...[tools.env, "-u", "_"].concat(beforeRoot),
    ...[tools.unshare, "--root=.", `--wd=${launch.cwd}`].concat(user, "--"),
    ...(inRoot.length > 0 ? [launch.rootEnv ?? "", ...inRoot] : []),
    ...launch.command,
  ].map(quote);
  return [
    `"$2" -n --all --fstab mounts 2>&3 || fail`,
    `{ printf %s ${quote(launch.hostname)} > /proc/sys/kernel/hostname || hostname ${quote(launch.hostname)}; } 2>/dev/null`,
    ...(launch.hasPipes ? [`exec >1 2>2`] : []),
    `cd m && "$2" -n --move . / 2>&3 || fail`,
    `umask 022`,
    `unset PATH PWD OLDPWD SHLVL LIBMOUNT_FORCE_MOUNT2`,
    ...shell.map(([name, value]) => `export ${name}=${quote(value)}`),
    `printf 'started\\n' >&3`,
    `${launch.isProcessOne ? "exec " : ""}${command.join(" ")} 3>&-`,
    `exit $?`,
    ``,
  ].join("\n");
}

/** Variables that a shell treats as its own when they are assigned. */
const SHELL_OWN = new Set([
  "IFS",
  "PPID",
  "UID",
  "EUID",
  "GID",
  "OPTIND",
  "BASHOPTS",
  "SHELLOPTS",
  "BASH_VERSINFO",
  "_",
  "ENV",
  "PWD",
  "OLDPWD",
]);

/** One word of a shell script, whatever it holds. */
export function quote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
