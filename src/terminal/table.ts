import { visibleName } from "./visible.ts";

/** Rows as aligned text; the first row is the head. No trailing spaces, and nothing that a terminal would obey. */
export function table(given: readonly (readonly string[])[]): string[] {
  const rows = given.map((row) => row.map(visibleName));
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
