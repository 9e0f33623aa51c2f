/**
 * A pattern of Go's `path/filepath.Match`: `*` and `?` do not cross `/`, `[a-z]` and `[^a]` are classes, `\` escapes.
 *
 * @returns undefined when the pattern is malformed.
 */
export function filePattern(pattern: string): RegExp | undefined {
  let out = "";
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i] as string;
    if (c === "*") out += "[^/]*";
    else if (c === "?") out += "[^/]";
    else if (c === "\\") {
      i++;
      if (i >= pattern.length) return undefined;
      out += escape(pattern[i] as string);
    } else if (c === "[") {
      const end = classEnd(pattern, i);
      if (end === undefined) return undefined;
      out += classSource(pattern.slice(i + 1, end));
      i = end;
    } else out += escape(c);
  }
  return safeRegExp(out);
}

/**
 * A pattern as `.Files.Glob` takes it (gobwas/glob with `/` as separator): `**` crosses `/`, `{a,b}` are alternatives.
 */
export function globPattern(pattern: string): RegExp | undefined {
  let out = "";
  let depth = 0;
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i] as string;
    if (c === "*") {
      let stars = 1;
      while (pattern[i + 1] === "*") {
        stars++;
        i++;
      }
      out += stars > 1 ? "[\\s\\S]*" : "[^/]*";
    } else if (c === "?") out += "[^/]";
    else if (c === "\\") {
      i++;
      out += escape(pattern[i] ?? "\\");
    } else if (c === "{") {
      depth++;
      out += "(?:";
    } else if (c === "}" && depth > 0) {
      depth--;
      out += ")";
    } else if (c === "," && depth > 0) out += "|";
    else if (c === "[") {
      const end = classEnd(pattern, i);
      if (end === undefined) return undefined;
      out += classSource(pattern.slice(i + 1, end));
      i = end;
    } else out += escape(c);
  }
  return depth === 0 ? safeRegExp(out) : undefined;
}

function classEnd(pattern: string, start: number): number | undefined {
  for (let i = start + 1; i < pattern.length; i++) {
    if (pattern[i] === "\\") i++;
    else if (pattern[i] === "]" && i > start + 1) return i;
  }
  return undefined;
}

function classSource(body: string): string {
  const negated = body.startsWith("^") || body.startsWith("!");
  const inner = (negated ? body.slice(1) : body).replace(/[\]^]/g, "\\$&").replace(/\[/g, "\\[");
  return `[${negated ? "^/" : ""}${inner}]`;
}

function escape(c: string): string {
  return c.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

function safeRegExp(source: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${source})$`, "u");
  } catch {
    return undefined;
  }
}
