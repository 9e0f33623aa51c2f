/** A directory or file of this machine that the command sees under another path. Nothing of it lands in the layer. */
export interface SandboxMount {
  /** Absolute path on this machine. */
  readonly source: string;
  /** Absolute path in the root; made for the time of the command when it is not there. */
  readonly target: string;
  readonly readOnly?: boolean;
}

/** Content that the command sees as a file, such as a script or a secret. Nothing of it lands in the layer. */
export interface SandboxFile {
  readonly target: string;
  readonly content: string | Uint8Array;
  /** Permission bits; 0o444 unless told. */
  readonly mode?: number;
  /** The command may write to it; what it writes is lost. */
  readonly isWritable?: boolean;
}

/** One command and everything it may see. */
export interface SandboxStep {
  /** The directories of the root below `upper`, top first. Empty for an image from nothing. */
  readonly lower: readonly string[];
  /** Takes what the command writes, in overlayfs' form: removed files are character devices 0,0. */
  readonly upper: string;
  /** overlayfs' own directory, on the file system of `upper`; of no use afterwards. */
  readonly work: string;
  /** `upper` and `work` are kept for another start, and what the command syncs is on the disk then. */
  readonly isKept?: boolean;
  /** Program and arguments, looked up in the root with the PATH of `env`. */
  readonly command: readonly string[];
  /** The whole environment; HOME and PATH are added when they are missing, as Docker does. */
  readonly env: Readonly<Record<string, string>>;
  /** Made, as root's, when it is not there; `/` unless told. */
  readonly cwd?: string;
  /** `user`, `uid`, `user:group`, `uid:gid`, looked up in the root's own files; root unless told. */
  readonly user?: string;
  readonly mounts?: readonly SandboxMount[];
  readonly files?: readonly SandboxFile[];
  /** The machine's network, or a namespace of its own that has nothing but what `onReady` gives it; `host` unless told. */
  readonly network?: "host" | "own";
  readonly hostname?: string;
  /** Content of /etc/resolv.conf and further lines of /etc/hosts; this machine's own unless told. */
  readonly resolvConf?: string;
  readonly hosts?: string;
  readonly settings?: SandboxSettings;
}

/**
 * What a machine behind a company's proxy or certificate authority needs inside its builds. It is there while the command
 * runs, and in no layer, no image config and no signature.
 */
export interface SandboxSettings {
  /**
   * A PEM bundle of this machine. The command finds it by the usual variables (SSL_CERT_FILE, PIP_CERT, NODE_EXTRA_CA_CERTS,
   * …) and by settings for apt and wget; the root's own bundles stay as they are, so that update-ca-certificates works.
   */
  readonly caBundle?: string;
  /** HTTP_PROXY, HTTPS_PROXY, NO_PROXY, ALL_PROXY; given in upper and lower case. */
  readonly proxies?: Readonly<Record<string, string>>;
  /** Variables of the machine that no image keeps, such as an index of packages. */
  readonly env?: Readonly<Record<string, string>>;
  /** Client settings such as pip.conf or .npmrc, mounted read-only. */
  readonly files?: readonly { readonly source: string; readonly target: string }[];
}

export interface SandboxResult {
  /** The command's exit code, or 128 + the number of the signal that ended it; 126 and 127 as a shell gives them. */
  readonly code: number;
  /**
   * Paths in `upper`, without a leading slash, of directories that hide everything below them. overlayfs notes that in an
   * extended attribute that Node cannot read; whoever makes a layer of `upper` writes an opaque entry for each.
   */
  readonly opaqueDirectories: readonly string[];
}
