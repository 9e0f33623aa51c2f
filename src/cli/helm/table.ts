import type { Invocation } from "../command.ts";
import { fault } from "./arguments.ts";

/** Rows as Helm aligns them: cells filled to the width of their column, a tab between them. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) => `${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("\t")}\n`)
    .join("");
}

/** Cuts a cell to the width that `--max-col-width` gives. */
export function cutter(call: Invocation): (text: string) => string {
  const name = call.flags.has("col-width") ? "col-width" : "max-col-width";
  const width = call.flags.int(name) ?? 0;
  if (width < 0) {
    throw fault(
      `invalid argument "${width}" for "--${name}" flag: strconv.ParseUint: parsing "${width}": invalid syntax`,
    );
  }
  return (text) => (width > 3 && text.length > width ? `${text.slice(0, width - 3)}...` : text);
}
