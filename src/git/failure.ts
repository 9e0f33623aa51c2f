import { SlipwayError } from "#errors";

/** What a git program's last words mean for the person who runs us. */
export function gitFailure(stderr: string, directory: string, home?: string): SlipwayError {
  const said = stderr.trim();
  const cause = said === "" ? undefined : new Error(said);
  if (/dubious ownership|unsafe repository/.test(said)) {
    return new SlipwayError(
      "GIT_UNSAFE_OWNER",
      `Git refuses to read ${directory}: it belongs to another user`,
      {
        hint: `If you trust it: git config --global --add safe.directory ${directory}${home ? "" : " (with HOME set)"}`,
        cause,
      },
    );
  }
  if (/not a git repository|invalid gitfile/i.test(said)) {
    return new SlipwayError("GIT_NO_REPOSITORY", `${directory} is not a Git repository`, {
      hint: "Run slipway in a clone, or make one: git init && git add . && git commit",
      cause,
    });
  }
  if (
    /corrupt|is empty|bad object|unable to (?:unpack|read|stream)|inflate|(?:packfile|loose object|sha1|hash) mismatch|bad tree/i.test(
      said,
    )
  ) {
    return new SlipwayError(
      "GIT_CORRUPT",
      `The Git repository ${directory} has damaged objects: ${firstLine(said)}`,
      {
        hint: "See what is damaged with: git fsck --full; a fresh clone repairs it",
        cause,
      },
    );
  }
  if (/bad config|unable to parse|bad boolean config/i.test(said)) {
    return new SlipwayError("GIT_CONFIG", `Git cannot read its configuration: ${firstLine(said)}`, {
      hint: "Correct the file it names",
      cause,
    });
  }
  return new SlipwayError(
    "GIT_FAILED",
    `git ended while ${directory} was read: ${firstLine(said) || "it gave no reason"}`,
    {
      cause,
    },
  );
}

function firstLine(text: string): string {
  return (text.split("\n")[0] ?? "").replace(/^(fatal|error): /, "");
}

export function objectMissing(name: string): SlipwayError {
  return new SlipwayError("GIT_OBJECT_MISSING", `The Git object ${name} is not in the repository`, {
    hint: "The clone is shallow or incomplete; fetch the rest: git fetch --unshallow, or git fetch origin",
  });
}
