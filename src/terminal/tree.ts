import type { Event, EventPath } from "#events";
import { table } from "./table.ts";
import { visible, visibleName, visibleOutput } from "./visible.ts";

interface Options {
  /** Box drawing on a terminal; without it each line carries its path. */
  readonly isTree: boolean;
  readonly isColored: boolean;
}

interface Root {
  held: string[];
  isOver: boolean;
}

const MARK = { done: "✔", reused: "↺", skipped: "–", failed: "✘" };

/**
 * Events to lines. Work under one first path element streams live; what other roots say meanwhile is held until the
 * live one is over, so that parallel images do not mix. `lines` is given the time of each event in milliseconds.
 */
export class Tree {
  readonly #options: Options;
  readonly #started = new Map<string, number>();
  readonly #roots = new Map<string, Root>();
  #live: string | undefined;
  #lastPath = "";

  constructor(options: Options) {
    this.#options = options;
  }

  lines(event: Event, timeMs: number): string[] {
    const rootName = event.path[0];
    const lines = this.#draw(event, timeMs);
    if (rootName === undefined) return lines;
    const root = this.#roots.get(rootName) ?? { held: [], isOver: false };
    this.#roots.set(rootName, root);
    this.#live ??= rootName;
    const isEnd = event.path.length === 1 && (event.type === "finished" || event.type === "failed");
    if (this.#live !== rootName) {
      root.held.push(...lines);
      root.isOver = isEnd;
      return [];
    }
    if (!isEnd) return lines;
    this.#roots.delete(rootName);
    this.#live = undefined;
    return [...lines, ...this.#next()];
  }

  /** Everything that is still held. */
  rest(): string[] {
    const lines = [...this.#roots.values()].flatMap((root) => root.held);
    this.#roots.clear();
    return lines;
  }

  #next(): string[] {
    const lines: string[] = [];
    for (const [name, root] of this.#roots) {
      lines.push(...root.held);
      root.held = [];
      if (!root.isOver) {
        this.#live = name;
        break;
      }
      this.#roots.delete(name);
    }
    return lines;
  }

  #draw(given: Event, timeMs: number): string[] {
    const event = shownEvent(given);
    const key = event.path.join("\0");
    switch (event.type) {
      case "started":
        this.#started.set(key, timeMs);
        this.#lastPath = key;
        return [
          this.#line(
            event.path,
            -1,
            `${this.#paint("1", event.title ?? (this.#options.isTree ? (event.path.at(-1) ?? "") : "started"))}`,
            "┌ ",
          ),
        ];
      case "finished":
      case "failed": {
        const seconds = this.#seconds(key, timeMs);
        const name = event.path.at(-1) ?? "";
        this.#lastPath = "";
        if (event.type === "failed") {
          return [
            this.#line(
              event.path,
              -1,
              this.#paint("31", `${MARK.failed} ${name} failed${seconds}: ${event.message}`),
              "└ ",
            ),
          ];
        }
        const said = event.text === undefined ? "" : ` – ${event.text}`;
        const color = event.outcome === "done" ? "32" : "36";
        return [
          this.#line(
            event.path,
            -1,
            this.#paint(color, `${MARK[event.outcome]} ${name}${said}${seconds}`),
            "└ ",
          ),
        ];
      }
      case "log":
        return this.#under(event.path, key, visibleOutput(event.text.replace(/\n$/, "")));
      case "notice":
        return this.#under(
          event.path,
          key,
          event.text
            .split("\n")
            .map((text) => (event.level === "warning" ? this.#paint("33", `WARNING: ${text}`) : text)),
        );
      case "facts": {
        const width = Math.max(0, ...Object.keys(event.facts).map((name) => name.length));
        return this.#under(
          event.path,
          key,
          Object.entries(event.facts).map(([name, value]) => `${`${name}:`.padStart(width + 1)} ${value}`),
        );
      }
      case "table":
        return this.#under(event.path, key, table([event.columns, ...event.rows]));
      case "progress":
        return [];
      default:
        return event satisfies never;
    }
  }

  /** Lines of an open piece of work; its name is said again when another one spoke in between. */
  #under(path: EventPath, key: string, texts: readonly string[]): string[] {
    const isNew =
      this.#options.isTree && path.length > 1 && key !== this.#lastPath && !this.#started.has(key);
    this.#lastPath = key;
    const lines = texts.map((text) => this.#line(path, 0, text, ""));
    return isNew ? [this.#line(path, -1, this.#paint("2", path.slice(1).join(" ")), ""), ...lines] : lines;
  }

  #line(path: EventPath, shift: number, text: string, corner: string): string {
    if (!this.#options.isTree) return path.length === 0 ? text : `${path.join(" / ")} | ${text}`;
    return `${this.#paint("2", "│ ".repeat(Math.max(0, path.length + shift)) + corner)}${text}`;
  }

  #seconds(key: string, timeMs: number): string {
    const started = this.#started.get(key);
    this.#started.delete(key);
    return started === undefined ? "" : ` (${((timeMs - started) / 1000).toFixed(2)} seconds)`;
  }

  #paint(code: string, text: string): string {
    return this.#options.isColored ? `\u001b[${code}m${text}\u001b[0m` : text;
  }
}

/** The event with nothing in it that a terminal would obey; the output of programs is seen to where it is split. */
function shownEvent(event: Event): Event {
  const path = event.path.map(visibleName);
  switch (event.type) {
    case "started":
      return { ...event, path, ...(event.title === undefined ? {} : { title: visible(event.title) }) };
    case "finished":
      return { ...event, path, ...(event.text === undefined ? {} : { text: visible(event.text) }) };
    case "failed":
      return { ...event, path, message: visible(event.message) };
    case "notice":
      return { ...event, path, text: visible(event.text) };
    case "facts":
      return {
        ...event,
        path,
        facts: Object.fromEntries(
          Object.entries(event.facts).map(([name, value]) => [visibleName(name), visible(value)]),
        ),
      };
    default:
      return { ...event, path };
  }
}
