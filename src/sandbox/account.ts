import { SlipwayError } from "#errors";

/** Who a command runs as, by numbers. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups. */
  readonly groups: readonly number[];
  readonly home: string;
}

/**
 * Looks up `user[:group]` as Docker does: a number is first tried as an id of the passwd file, and stands for itself when it
 * is not there; supplementary groups come from the group file, but only when no group is given.
 *
 * @throws {SlipwayError} SANDBOX_USER_UNKNOWN for a name that the root's files do not have.
 * @see https://github.com/moby/sys user.GetExecUser
 */
export function resolveAccount(specification: string, passwd: string, group: string): Account {
  const [userPart = "", groupPart = ""] = specification.split(":", 2);
  const { name, uid, gid, home } = findUser(userPart === "" ? "0" : userPart, passwd);
  const known = parseGroups(group);
  if (groupPart !== "") return { uid, gid: findGroup(groupPart, known), groups: [], home };
  const joined = known.filter(({ members }) => name !== undefined && members.includes(name));
  return { uid, gid, groups: joined.map((candidate) => candidate.gid), home };
}

interface User {
  readonly name?: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

function findUser(wanted: string, passwd: string): User {
  const id = numeric(wanted);
  for (const line of passwd.split("\n")) {
    const [name = "", , uid = "", gid = "", , home = ""] = line.split(":");
    if (name === "" || numeric(uid) === undefined) continue;
    if (id === undefined ? name === wanted : Number(uid) === id) {
      return { name, uid: Number(uid), gid: numeric(gid) ?? 0, home: home === "" ? "/" : home };
    }
  }
  if (id !== undefined) return { uid: id, gid: 0, home: "/" };
  throw new SlipwayError(
    "SANDBOX_USER_UNKNOWN",
    `Cannot run as user "${wanted}": the image's /etc/passwd has no such user`,
    {
      hint: "Name a user that the image has, or give its number",
    },
  );
}

function findGroup(wanted: string, groups: readonly Group[]): number {
  const id = numeric(wanted);
  if (id !== undefined) return id;
  const found = groups.find((group) => group.name === wanted);
  if (found !== undefined) return found.gid;
  throw new SlipwayError(
    "SANDBOX_USER_UNKNOWN",
    `Cannot run as group "${wanted}": the image's /etc/group has no such group`,
    {
      hint: "Name a group that the image has, or give its number",
    },
  );
}

interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

function parseGroups(text: string): readonly Group[] {
  const groups: Group[] = [];
  for (const line of text.split("\n")) {
    const [name = "", , gid = "", members = ""] = line.split(":");
    if (name === "" || numeric(gid) === undefined) continue;
    groups.push({ name, gid: Number(gid), members: members.split(",").filter((member) => member !== "") });
  }
  return groups;
}

function numeric(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) && Number(text) < 2 ** 32 - 1 ? Number(text) : undefined;
}
