import { pathBytes, pathText } from "#disk";
import { SlipwayError } from "#errors";
import { run } from "#process";
import { SYSTEM_PATH } from "./system-path.ts";

/** The extended attribute in which the kernel keeps the capabilities of a file. */
export const CAPABILITY = "security.capability";

/**
 * The capabilities of the files below a directory, by path, as the kernel stores them. Node cannot read extended attributes;
 * the programs of the package `attr` can. Without them nothing is known of capabilities, and the answer is empty.
 */
export async function readCapabilities(root: string): Promise<ReadonlyMap<string, Buffer>> {
  const options = ["--recursive", "--physical", "--no-dereference", "--absolute-names", "--dump"];
  const found = await attributeProgram(
    "getfattr",
    [...options, "--encoding=hex", `--match=^${CAPABILITY.replace(".", "\\.")}$`, root],
    "",
  );
  const capabilities = new Map<string, Buffer>();
  for (const block of found.toString("latin1").split("\n\n")) {
    const [, name, hex] = /^# file: (.*)\n\S+=0x([0-9a-f]*)$/.exec(block.trim()) ?? [];
    if (name === undefined || hex === undefined) continue;
    const path = pathText(Buffer.from(unquoted(name), "latin1"));
    capabilities.set(path.slice(root.length + 1), Buffer.from(hex, "hex"));
  }
  return capabilities;
}

/** Gives files their capabilities; without the programs of the package `attr` they stay without. */
export async function writeCapabilities(
  root: string,
  capabilities: ReadonlyMap<string, Buffer>,
): Promise<void> {
  if (capabilities.size === 0) return;
  const dump = [...capabilities].map(([path, value]) => {
    const name = quoted(pathBytes(`${root}/${path}`).toString("latin1"));
    return `# file: ${name}\n${CAPABILITY}=0x${value.toString("hex")}\n\n`;
  });
  await attributeProgram("setfattr", ["--no-dereference", "--restore=-"], dump.join(""));
}

async function attributeProgram(program: string, args: readonly string[], input: string): Promise<Buffer> {
  try {
    const options = { env: { PATH: SYSTEM_PATH }, input: Buffer.from(input, "latin1"), accept: [0, 1] };
    return (await run(program, args, options)).stdout;
  } catch (error) {
    if (error instanceof SlipwayError && error.code === "PROGRAM_MISSING") return Buffer.alloc(0);
    throw error;
  }
}

/** Line ends and backslashes of names are three octal digits in a dump. */
function quoted(name: string): string {
  return name.replaceAll(
    /[\n\r\\]/g,
    (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`,
  );
}

function unquoted(name: string): string {
  return name.replaceAll(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
