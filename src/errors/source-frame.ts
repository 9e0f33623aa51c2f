/**
 * The lines around a place in a text, with numbers and a marker, as BuildKit shows a Dockerfile.
 *
 * @param line the line at fault, counted from 1.
 * @param around how many lines before and after it are shown.
 */
export function sourceFrame(text: string, line: number, around = 3): string {
  const lines = text.split("\n");
  const first = Math.max(1, line - around);
  const last = Math.min(lines.length, line + around);
  const width = String(last).length;
  const shown: string[] = [];
  for (let number = first; number <= last; number++) {
    shown.push(
      `${number === line ? ">" : " "} ${String(number).padStart(width)} | ${clipped(lines[number - 1] ?? "")}`,
    );
  }
  return shown.join("\n");
}

/** Of a rendered line, which may be a whole file in quotes, what a person still reads. */
function clipped(line: string): string {
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
}

const LONGEST_LINE = 500;
