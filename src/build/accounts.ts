import { SlipwayError } from "#errors";
import type { RootView } from "./root-view.ts";

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The ids of an owner and a group that werf.yaml names, looked up in the image's own files. A number stands for itself; with
 * an owner only, the group is the owner's own; with neither, both are root's.
 *
 * @throws {SlipwayError} BUILD_NO_ACCOUNT when the image has no such user or group.
 */
export function ownerIds(view: RootView, owner: string | undefined, group: string | undefined): Owner {
  const user = owner === undefined ? { uid: 0, gid: 0 } : findUser(view, owner);
  return { uid: user.uid, gid: group === undefined ? user.gid : findGroup(view, group) };
}

function findUser(view: RootView, owner: string): Owner {
  const lines = accounts(view, "etc/passwd");
  const isId = /^\d+$/.test(owner);
  const found =
    lines.find((fields) => fields[0] === owner) ?? lines.find((fields) => isId && fields[2] === owner);
  if (found !== undefined) return { uid: Number(found[2]), gid: Number(found[3]) };
  if (isId) return { uid: Number(owner), gid: 0 };
  throw noAccount("user", owner, "owner", "/etc/passwd");
}

function findGroup(view: RootView, group: string): number {
  const found = accounts(view, "etc/group").find((fields) => fields[0] === group);
  if (found !== undefined) return Number(found[2]);
  if (/^\d+$/.test(group)) return Number(group);
  throw noAccount("group", group, "group", "/etc/group");
}

function accounts(view: RootView, path: string): readonly (readonly string[])[] {
  return (view.read(path) ?? "").split("\n").map((line) => line.split(":"));
}

function noAccount(what: string, name: string, key: string, file: string): SlipwayError {
  return new SlipwayError(
    "BUILD_NO_ACCOUNT",
    `The image has no ${what} \`${name}\` in ${file}, which a git mapping names`,
    {
      hint: `Make it in beforeInstall, or give \`${key}\` as a number`,
    },
  );
}
