export type EventPath = readonly string[];

/** How a piece of work ended: done anew, reused from earlier, or found unnecessary. */
export type Outcome = "done" | "reused" | "skipped";

export type Event =
  | { readonly type: "started"; readonly path: EventPath; readonly title?: string }
  | {
      readonly type: "progress";
      readonly path: EventPath;
      readonly done: number;
      readonly total?: number;
      /** `bytes`, `layers`, `files`, `resources`. */
      readonly unit: string;
    }
  | {
      readonly type: "log";
      readonly path: EventPath;
      readonly text: string;
      readonly stream?: "stdout" | "stderr";
    }
  | {
      readonly type: "notice";
      readonly path: EventPath;
      readonly level: "info" | "warning";
      readonly text: string;
    }
  /** A block of `name: value` lines about something finished, such as an image. */
  | {
      readonly type: "facts";
      readonly path: EventPath;
      readonly facts: Readonly<Record<string, string>>;
    }
  /** A whole table that replaces the one shown before under the same path, such as the state of resources. */
  | {
      readonly type: "table";
      readonly path: EventPath;
      readonly columns: readonly string[];
      readonly rows: readonly (readonly string[])[];
    }
  | { readonly type: "finished"; readonly path: EventPath; readonly outcome: Outcome; readonly text?: string }
  | { readonly type: "failed"; readonly path: EventPath; readonly message: string };

/** Takes events as they happen; never throws, never blocks. The listener, not the sender, knows the time. */
export type EventSink = (event: Event) => void;
