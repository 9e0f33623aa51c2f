import type { Command, FlagTable } from "./command.ts";

export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;
export type Shell = (typeof SHELLS)[number];

/** What may follow a path of commands: the names below it and its flags. */
type Choices = readonly (readonly [path: string, words: readonly string[]])[];

/**
 * A script that completes the commands and flags below `root` for a program of this name; it holds the whole table, so
 * completing starts nothing.
 */
export function completionScript(shell: Shell, root: Command, name: string): string {
  const choices = choicesOf(root, [], {});
  switch (shell) {
    case "bash":
      return bashScript(choices, name);
    case "zsh":
      return `autoload -U +X bashcompinit && bashcompinit\n${bashScript(choices, name)}`;
    case "fish":
      return fishScript(choices, name);
    case "powershell":
      return powershellScript(choices, name);
    default:
      return shell satisfies never;
  }
}

function choicesOf(command: Command, path: readonly string[], inherited: FlagTable): Choices {
  const shared = { ...inherited, ...command.sharedFlags };
  const children = command.commands?.filter((child) => !child.isHidden) ?? [];
  const flags = Object.entries({ ...shared, ...command.flags })
    .filter(([, flag]) => !flag.isHidden && !flag.isPlanned)
    .map(([name]) => `--${name}`);
  const own = [path.join(" "), [...children.map((child) => child.name), ...flags]] as const;
  return [own, ...children.flatMap((child) => choicesOf(child, [...path, child.name], shared))];
}

function bashScript(choices: Choices, name: string): string {
  const cases = choices.map(([path, words]) => `    "${path}") words="${words.join(" ")}" ;;`);
  return `_${name}_complete() {
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
`;
}

function fishScript(choices: Choices, name: string): string {
  const cases = choices.map(
    ([path, words]) => `    case '${path}'\n      string split ' ' -- '${words.join(" ")}'`,
  );
  return `function __${name}_complete
  set -l given (commandline -opc)[2..]
  set -l path (string match --invert -- '-*' $given)
  switch "$path"
${cases.join("\n")}
  end
end
complete -c ${name} -a '(__${name}_complete)'
`;
}

function powershellScript(choices: Choices, name: string): string {
  const rows = choices.map(([path, words]) => `    '${path}' = '${words.join(" ")}'`);
  return `Register-ArgumentCompleter -Native -CommandName '${name}' -ScriptBlock {
  param($word, $line, $position)
  $choices = @{
${rows.join("\n")}
  }
  $given = $line.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() }
  if ($word -ne '') { $given = $given | Select-Object -SkipLast 1 }
  $path = ($given | Where-Object { -not $_.StartsWith('-') }) -join ' '
  "$($choices[$path])".Split(' ') | Where-Object { $_ -like "$word*" }
}
`;
}
