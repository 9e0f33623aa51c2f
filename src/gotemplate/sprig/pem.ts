import { toByteText } from "./text.ts";

export interface PemBlock {
  readonly type: string;
  readonly bytes: Buffer;
}

/** `pem.Encode`: lines of 64 characters. */
export function encodePem(type: string, bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${type}-----`, ...lines, `-----END ${type}-----`, ""].join("\n");
}

/** `pem.Decode`: the first block that is well formed; what stands around it is passed over. */
export function decodePem(text: string): PemBlock | undefined {
  const source = toByteText(text);
  for (let from = 0; ;) {
    const end = source.indexOf("-----END ", from);
    if (end < 0) return undefined;
    const begin = source.lastIndexOf("-----BEGIN ", end);
    if (begin >= from && (begin === 0 || source[begin - 1] === "\n")) {
      const block = decodeBlock(source, begin, end);
      if (block !== undefined) return block;
    }
    from = end + "-----END ".length;
  }
}

function decodeBlock(source: string, begin: number, end: number): PemBlock | undefined {
  const [line = "", ...lines] = source.slice(begin, end).split("\n");
  const type = /^-----BEGIN (.*)-----[ \t\r]*$/.exec(line)?.[1];
  if (type === undefined || (end > 0 && source[end - 1] !== "\n")) return undefined;
  const closing = /^-----END (.*)-----[ \t\r]*$/m.exec(source.slice(end).split("\n")[0] ?? "")?.[1];
  if (closing !== type) return undefined;
  while (lines[0]?.includes(":") === true) lines.shift();
  const data = lines.join("").replace(/[ \t\r]/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(data) || data.length % 4 !== 0) return undefined;
  return { type, bytes: Buffer.from(data, "base64") };
}
