import type { SlipwayError } from "#errors";

/** A command is data: parsing, environment, help, completion and the reference pages all come from it. */
export interface Command {
  readonly name: string;
  readonly aliases?: readonly string[];
  /** One line, no full stop. */
  readonly summary: string;
  readonly description?: string;
  /** The arguments as help shows them, such as `[IMAGE...]`. */
  readonly usage?: string;
  /** How many arguments are taken; none unless told. */
  readonly args?: { readonly min?: number; readonly max?: number };
  /** Keep what follows `--` apart (run). */
  readonly takesCommand?: boolean;
  /** Made by a getter where it is put together, so that a start makes the flags of one command alone. */
  readonly flags?: FlagTable;
  readonly examples?: readonly string[];
  readonly isHidden?: boolean;
  readonly commands?: readonly Command[];
  /** Loads the code that does the work; heavy rooms are only read from here. */
  readonly load?: () => Promise<Handler>;
  /** Hands everything after the name to the handler unread (a shim of another command line). */
  readonly isRaw?: boolean;
  /** Flags that every command below has, and that may stand before its name. */
  readonly sharedFlags?: FlagTable;
  /** How this command and those below it refuse a line that they cannot read; slipway's own way unless told. */
  readonly dialect?: Dialect;
}

/** How a command says what it cannot do: a line that cannot be read, a machine that refuses. */
export interface Dialect {
  unknownFlag(shown: string, command: Command): SlipwayError;
  valueMissing(shown: string, flag: Flag): SlipwayError;
  valueRefused(name: string, flag: Flag, value: string): SlipwayError;
  /** Undefined where the help of the command is the answer. */
  unknownCommand(word: string, command: Command, path: readonly string[]): SlipwayError | undefined;
  wrongArguments(command: Command, path: readonly string[], args: readonly string[]): SlipwayError;
  /** What the machine refused while a command ran; undefined for any other error. */
  machineRefused?(error: unknown): SlipwayError | undefined;
}

export type FlagTable = Readonly<Record<string, Flag>>;

export interface Flag {
  readonly type: "text" | "list" | "bool" | "int" | "duration";
  readonly short?: string;
  readonly help: string;
  /** What stands for the value in help; KEY=VALUE, PATH … */
  readonly value?: string;
  readonly default?: string;
  /** Variables that give the value when the flag is absent, first set one wins; for a list a prefix ending in `*`. */
  readonly env?: readonly string[];
  /** For a bool: the flag may stand alone. For text: the value it has when it stands alone. */
  readonly alone?: string;
  readonly isHidden?: boolean;
  /** Known to werf or helm, accepted by no code here yet: using it is an error that names it. */
  readonly isPlanned?: boolean;
}

export type Handler = (call: Invocation) => Promise<number | undefined>;

export interface Invocation {
  readonly command: Command;
  /** The words that led to the command, such as ["slipway", "config", "render"]. */
  readonly path: readonly string[];
  readonly args: readonly string[];
  /** What stood after `--`, when the command takes one; undefined without `--`. */
  readonly commandLine: readonly string[] | undefined;
  readonly flags: FlagValues;
  readonly context: Context;
}

/** The world as the program found it; the only place from which effects enter. */
export interface Context {
  readonly calledAs: string;
  readonly version: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly userHome: string;
  readonly isTerminal: boolean;
  readonly isOutputTerminal: boolean;
  readonly width: number;
  readonly signal: AbortSignal;
  /** Why the program was asked to stop, once it was. */
  readonly stoppedBy: () => NodeJS.Signals | undefined;
  readonly now: () => Date;
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Flags after command line, environment and defaults were read. Asking for a flag the command lacks is our bug. */
export interface FlagValues {
  text(name: string): string | undefined;
  list(name: string): readonly string[];
  bool(name: string): boolean;
  int(name: string): number | undefined;
  /** Milliseconds. */
  duration(name: string): number | undefined;
  /** True when the command line or the environment gave it. */
  isGiven(name: string): boolean;
  has(name: string): boolean;
}
