import { define, type TemplateFunction } from "../function.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export function environmentFunctions(environment: Environment): readonly TemplateFunction[] {
  const valueOf = (name: string) => (Object.hasOwn(environment, name) ? (environment[name] ?? "") : "");
  return [
    define("env", "func(string) string", valueOf),
    define("expandenv", "func(string) string", (text) => expand(text, valueOf)),
  ];
}

/** `os.Expand`: `$NAME`, `${NAME}` and the shell's special one-character names; an unfinished `${` is dropped. */
function expand(text: string, valueOf: (name: string) => string): string {
  return text.replace(
    /\$(?:\{([^}]*)\}|([*#$@!?0-9-]|[A-Za-z0-9_]+)|\{)/g,
    (_all, braced?: string, plain?: string) => valueOf(braced ?? plain ?? ""),
  );
}
