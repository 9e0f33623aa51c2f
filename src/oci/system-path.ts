/** Where the system's own programs are looked for, whatever the caller's PATH says. */
export const SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";
