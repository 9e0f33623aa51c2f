import type { Command, Invocation } from "./command.ts";
import { ROOT } from "./commands.ts";
import { usageError } from "./dialect.ts";

/** Prints a script that completes commands and flags; it holds the whole table, so completing starts nothing. */
export async function runCompletion(call: Invocation): Promise<undefined> {
  const shell = call.args[0] ?? call.flags.text("shell") ?? "bash";
  if (shell !== "bash" && shell !== "zsh")
    throw usageError(`Shell "${shell}" is not supported`, "Use bash or zsh");
  const name = call.context.calledAs === "werf" ? "werf" : "slipway";
  const cases = words(ROOT, []).map(([path, choices]) => `    "${path}") words="${choices}" ;;`);
  const load = shell === "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : "";
  call.context.out(`${load}_${name}_complete() {
  local path="" words="" at
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "\${COMP_WORDS[at]}" in -*) ;; *) path="\${path:+$path }\${COMP_WORDS[at]}" ;; esac
  done
  case "$path" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _${name}_complete ${name}
`);
  return undefined;
}

function words(command: Command, path: readonly string[]): [string, string][] {
  const children = command.commands?.filter((child) => !child.isHidden) ?? [];
  const flags = Object.entries(command.flags ?? {}).filter(([, flag]) => !flag.isHidden && !flag.isPlanned);
  const own: [string, string] = [
    path.join(" "),
    [...children.map((child) => child.name), ...flags.map(([name]) => `--${name}`)].join(" "),
  ];
  return [own, ...children.flatMap((child) => words(child, [...path, child.name]))];
}
