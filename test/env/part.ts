export type PartName =
  | "packages"
  | "images"
  | "registry"
  | "helm"
  | "npm-tools"
  | "oldest-node"
  | "kubernetes"
  | "coredns"
  | "cluster";

/** A piece of the test environment: brought up once, found up from then on, by whichever process asks. */
export interface Part {
  readonly name: PartName;
  /** The parts that must be up before this one. */
  readonly needs: readonly PartName[];
  /** Why this machine cannot have the part, as half a sentence; undefined when it can. */
  lacks(): Promise<string | undefined>;
  /** Idempotent: quick when the part is up, and repairs what a killed process left. */
  up(): Promise<void>;
  /** Ends what runs; what is cached stays. */
  down(): Promise<void>;
  /** A few words about how the part stands. */
  status(): Promise<string>;
}
