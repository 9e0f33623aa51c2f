import type { RenderedDocument } from "./project.ts";

const SEPARATOR = /^---[ \t]*(#.*)?$/;
const NOTHING = /^\s*(#.*)?$/;

/**
 * Cuts a text at its lines of exactly `---`, which blanks and a comment may follow. Documents of nothing but blank lines and
 * comments are left out; the others know how many lines stand before them.
 *
 * @see werf 1.1, `werf.yaml` documents: `----` and `--- text` are content, unlike in YAML
 */
export function splitDocuments(rendered: string): readonly RenderedDocument[] {
  const documents: RenderedDocument[] = [];
  const lines = rendered.split("\n");
  let first = 0;
  for (let at = 0; at <= lines.length; at++) {
    const isEnd = at === lines.length;
    if (!isEnd && !SEPARATOR.test(lines[at] ?? "")) continue;
    const content = lines.slice(first, at);
    if (!content.every((line) => NOTHING.test(line))) {
      documents.push({ text: content.join("\n") + (isEnd ? "" : "\n"), lineOffset: first });
    }
    first = at + 1;
  }
  return documents;
}
