/** What a werf.yaml says: every default filled in, every name checked, nothing looked up in the world yet. */
export interface Project {
  readonly name: string;
  readonly configVersion: 1;
  /** The absolute project directory: what `add: /` of a git mapping means. */
  readonly directory: string;
  /** The absolute path of the werf.yaml that was read. */
  readonly configFile: string;
  readonly deploy: DeploySettings;
  readonly cleanup: CleanupSettings;
  /** Stapel images, then Dockerfile images, then artifacts; each group in the order of the file. */
  readonly images: readonly ProjectImage[];
  /** The whole text after the template pass. */
  readonly rendered: string;
  readonly documents: readonly RenderedDocument[];
}

/** One YAML document of the rendered text. */
export interface RenderedDocument {
  /** Without the separator line, with the newline of its last line. */
  readonly text: string;
  /** How many lines of the rendered text stand before it. */
  readonly lineOffset: number;
}

export interface DeploySettings {
  /** A template with the delimiters `[[` and `]]`. */
  readonly helmRelease: string;
  readonly helmReleaseSlug: boolean;
  readonly namespace: string;
  readonly namespaceSlug: boolean;
}

export interface CleanupSettings {
  /** Undefined when werf.yaml has none: the built-in set applies. */
  readonly keepPolicies: readonly KeepPolicy[] | undefined;
}

export interface KeepPolicy {
  readonly references: {
    readonly kind: "tag" | "branch";
    /** An RE2 expression; unanchored where the user wrote `/…/`. */
    readonly pattern: string;
    readonly limit: KeepLimit | undefined;
  };
  readonly imagesPerReference: KeepLimit | undefined;
}

export interface KeepLimit {
  /** -1: no limit. */
  readonly last?: number;
  readonly inMs?: number;
  readonly operator: "And" | "Or";
}

export type ProjectImage = StapelImage | DockerfileImage;

export interface StapelImage {
  readonly kind: "stapel";
  /** "" for the nameless image. */
  readonly name: string;
  readonly isArtifact: boolean;
  readonly base: BaseImage;
  /** Whether the base image's present digest is part of the signature. */
  readonly fromLatest: boolean;
  readonly fromCacheVersion: string | undefined;
  readonly git: readonly GitMapping[];
  readonly shell: ShellInstructions | undefined;
  readonly ansible: AnsibleInstructions | undefined;
  readonly docker: DockerDirectives | undefined;
  readonly mounts: readonly Mount[];
  readonly imports: readonly Import[];
  /** The document that declares it. */
  readonly document: RenderedDocument;
}

/** Where an image starts: a reference that the user wrote, or another image or artifact of the project. */
export type BaseImage =
  | { readonly kind: "reference"; readonly reference: string }
  | { readonly kind: "image"; readonly name: string }
  | { readonly kind: "artifact"; readonly name: string };

/** What of a tree goes where, and to whom it belongs there. */
export interface Export {
  /** Absolute: the project directory, the root of a remote repository, or the root of an image is `/`. */
  readonly add: string;
  /** Absolute, in the image. */
  readonly to: string;
  readonly includePaths: readonly string[];
  /** With the paths that other exports of the image fill. */
  readonly excludePaths: readonly string[];
  /** A name or a number. */
  readonly owner: string | undefined;
  readonly group: string | undefined;
}

export interface GitMapping extends Export {
  /** Undefined: the repository of the project itself. */
  readonly remote: RemoteRepository | undefined;
  readonly stageDependencies: Readonly<Record<"install" | "beforeSetup" | "setup", readonly string[]>>;
}

export interface RemoteRepository {
  readonly url: string;
  /** The last two path segments of the URL. */
  readonly name: string;
  readonly branch: string | undefined;
  readonly tag: string | undefined;
  readonly commit: string | undefined;
}

export const userStages = ["beforeInstall", "install", "beforeSetup", "setup"] as const;

/** The stages that run what the user wrote. */
export type UserStage = (typeof userStages)[number];

export interface ShellInstructions {
  readonly commands: Readonly<Record<UserStage, readonly string[]>>;
  readonly cacheVersion: string | undefined;
  readonly stageCacheVersions: Readonly<Record<UserStage, string | undefined>>;
}

export interface AnsibleInstructions {
  /** Each task as plain data. */
  readonly tasks: Readonly<Record<UserStage, readonly unknown[]>>;
  readonly cacheVersion: string | undefined;
  readonly stageCacheVersions: Readonly<Record<UserStage, string | undefined>>;
}

/** Changes to an image's configuration, in the names of a Dockerfile. Undefined: not set. */
export interface DockerDirectives {
  readonly VOLUME: readonly string[];
  readonly EXPOSE: readonly string[];
  readonly ENV: Readonly<Record<string, string>>;
  readonly LABEL: Readonly<Record<string, string>>;
  /** As it would stand in a Dockerfile: a shell line or a JSON list. */
  readonly CMD: string | undefined;
  readonly ENTRYPOINT: string | undefined;
  readonly WORKDIR: string | undefined;
  readonly USER: string | undefined;
  readonly HEALTHCHECK: string | undefined;
}

export interface Mount {
  readonly to: string;
  readonly source:
    | { readonly kind: "tmp_dir" }
    | { readonly kind: "build_dir" }
    | { readonly kind: "custom_dir"; readonly path: string };
}

export interface Import extends Export {
  readonly source: { readonly kind: "image" | "artifact"; readonly name: string };
  readonly stage: UserStage | undefined;
  readonly when: { readonly order: "before" | "after"; readonly stage: "install" | "setup" };
}

export interface DockerfileImage {
  readonly kind: "dockerfile";
  readonly name: string;
  /** Relative to the project directory. */
  readonly dockerfile: string;
  readonly context: string;
  readonly target: string | undefined;
  readonly args: Readonly<Record<string, string>>;
  readonly addHost: readonly string[];
  readonly network: string | undefined;
  readonly ssh: string | undefined;
  readonly document: RenderedDocument;
}

/** The image as logs name it: `~` for the nameless one. */
export function shownName(name: string): string {
  return name === "" ? "~" : name;
}
