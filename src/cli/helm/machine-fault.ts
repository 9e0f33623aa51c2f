import { SlipwayError } from "#errors";

/** Go's words where they are not those that Node's library has for a code. */
const REASONS: Readonly<Record<string, string>> = {
  EISDIR: "is a directory",
  ELOOP: "too many levels of symbolic links",
  ENAMETOOLONG: "file name too long",
  ETXTBSY: "text file busy",
};

const OPERATIONS: Readonly<Record<string, string>> = { scandir: "open", opendir: "open", copyfile: "open" };

const HINTS: Readonly<Record<string, string>> = {
  EACCES: "Give this user access to it",
  EPERM: "Give this user access to it",
  ENOSPC: "Make room there",
  EDQUOT: "Make room there",
  EMFILE: "Allow more open files: ulimit -n 65536",
};

/**
 * What the machine refused in Go's words, `open values.yaml: permission denied`; undefined for any other error.
 *
 * @param name of the file, where Node's error has none.
 */
export function machineFault(error: unknown, name?: string): SlipwayError | undefined {
  if (!(error instanceof Error) || error instanceof SlipwayError) return undefined;
  const { code = "", syscall, path = name, message } = error as NodeJS.ErrnoException;
  const reason = REASONS[code] ?? /^E[A-Z0-9]+: ([^,]+), /.exec(message)?.[1];
  if (syscall === undefined || path === undefined || reason === undefined) return undefined;
  const hint = HINTS[code];
  return new SlipwayError(
    code === "ENOSPC" || code === "EDQUOT" ? "DISK_FULL" : "MACHINE",
    `${OPERATIONS[syscall] ?? syscall} ${path}: ${reason}`,
    hint === undefined ? {} : { hint },
  );
}
