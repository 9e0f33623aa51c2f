import { StringDecoder } from "node:string_decoder";

/**
 * The lines of a byte stream, without their ends. A line longer than `longest` characters is cut there and marked, so that a
 * program which never ends its line cannot fill memory.
 */
export async function* linesOf(stream: AsyncIterable<Buffer>, longest = Infinity): AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8");
  let open = "";
  let isCut = false;
  for await (const chunk of stream) {
    const parts = (open + decoder.write(chunk)).split("\n");
    open = parts.pop() ?? "";
    for (const part of parts) {
      yield shown(part, longest, isCut);
      isCut = false;
    }
    if (open.length > longest) {
      isCut = true;
      open = open.slice(0, longest);
    }
  }
  open += decoder.end();
  if (open !== "") yield shown(open, longest, isCut);
}

function shown(line: string, longest: number, isCut: boolean): string {
  const text = line.endsWith("\r") ? line.slice(0, -1) : line;
  return isCut || text.length > longest ? `${text.slice(0, longest)} …` : text;
}
