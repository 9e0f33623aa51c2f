/** Variables that change what a git program does and that we let through: how it reaches remotes, and the user's settings files. */
const KEPT = [
  "GIT_CONFIG_GLOBAL",
  "GIT_CONFIG_SYSTEM",
  "GIT_CONFIG_NOSYSTEM",
  "GIT_CEILING_DIRECTORIES",
  "GIT_DISCOVERY_ACROSS_FILESYSTEM",
  "GIT_SSH",
  "GIT_SSH_COMMAND",
  "GIT_SSL_CAINFO",
  "GIT_SSL_NO_VERIFY",
  "GIT_ASKPASS",
  "GIT_EXEC_PATH",
];

/**
 * The environment of a git program: the caller's, without the variables that would point it at another repository,
 * trace, page or ask. `GIT_CONFIG_COUNT` and its pairs are kept, since CI systems mark directories as safe with them.
 */
export function gitEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept = Object.entries(env).filter(
    ([name, value]) =>
      value !== undefined &&
      (!name.startsWith("GIT_") || KEPT.includes(name) || /^GIT_CONFIG_(COUNT|(KEY|VALUE)_\d+)$/.test(name)),
  );
  return {
    ...(Object.fromEntries(kept) as Record<string, string>),
    LC_ALL: "C",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_TERMINAL_PROMPT: "0",
    GIT_PAGER: "cat",
  };
}

/** Settings that make output independent of the user's configuration, and keep foreign programs out. */
export const STEADY = [
  "--no-pager",
  "-c",
  "core.quotePath=false",
  "-c",
  "core.fsmonitor=false",
  "-c",
  "core.hooksPath=/dev/null",
  "-c",
  "color.ui=false",
  "-c",
  "diff.external=",
];
