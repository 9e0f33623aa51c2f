/**
 * One member of a layer. `whiteout` (the path is gone) and `opaque` (what lower layers have below the path is gone) are the
 * layer format's own kinds; in the tar they are files named `.wh.NAME` and `.wh..wh..opq`.
 */
export interface TarEntry {
  /** Relative, without leading or trailing slash; "" is the root directory. */
  readonly path: string;
  readonly type:
    | "file"
    | "directory"
    | "symlink"
    | "hardlink"
    | "char"
    | "block"
    | "fifo"
    | "whiteout"
    | "opaque";
  /** Permission bits, set-id and sticky bits included. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  /** Bytes of `content`; needed when that is not a Buffer. */
  readonly size?: number;
  /** The text of a symbolic link; the path of the member that a hard link repeats. */
  readonly linkName?: string;
  readonly content?: Buffer | AsyncIterable<Buffer>;
  readonly device?: { readonly major: number; readonly minor: number };
  readonly xattrs?: Readonly<Record<string, Buffer>>;
}
