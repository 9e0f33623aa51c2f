import { readFile, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { text } from "node:stream/consumers";
import { checkProvenance, loadChart, provenanceText } from "#chart";
import { clearSign, findKey, readKeyring, verifyClearSigned, type Keyring } from "#pgp";
import type { Invocation } from "../command.ts";
import { fault } from "./arguments.ts";
import { askSecret } from "./ask.ts";
import type { RemoteChart } from "./remote-chart.ts";

/** Whose signature vouches for which archive. */
export interface Verified {
  readonly names: readonly string[];
  readonly fingerprint: string;
  readonly digest: string;
}

/** Checks an archive of this machine against the provenance file beside it. */
export async function verifyFile(call: Invocation, path: string): Promise<Verified> {
  const found = await stat(path).catch(() => {
    throw fault(`stat ${path}: no such file or directory`);
  });
  if (found.isDirectory()) throw fault("unpacked charts cannot be verified");
  if (extname(path).toLowerCase() !== ".tgz") throw fault("chart must be a tgz file");
  const beside = `${path}.prov`;
  const provenance = await readFile(beside).catch(() => {
    throw fault(`could not load provenance file ${beside}: stat ${beside}: no such file or directory`);
  });
  return verified(call, { fileName: basename(path), data: await readFile(path), provenance });
}

/** Checks an archive that was fetched with its statement. */
export async function verifyFetched(call: Invocation, chart: RemoteChart): Promise<Verified> {
  const { provenance, address } = chart;
  if (provenance !== undefined) return verified(call, { ...chart, provenance });
  throw fault(`failed to fetch provenance "${address}.prov"`, chart.provenanceFault);
}

/** What `helm verify` prints. */
export function verifiedText({ names, fingerprint, digest }: Verified): string {
  const signers = names.map((name) => `Signed by: ${name}\n`).join("");
  return `${signers}Using Key With Fingerprint: ${fingerprint}\nChart Hash Verified: ${digest}\n`;
}

/** The provenance file of an archive, signed as the flags of `helm package` say. */
export async function signedStatement(call: Invocation, fileName: string, archive: Buffer): Promise<string> {
  const { context, flags } = call;
  const keyring = await readKeyring(await readKeys(call));
  const key = findKey(keyring, flags.text("key") ?? "");
  const file = flags.text("passphrase-file") ?? "";
  const passphrase = file === "" ? undefined : await passphraseIn(file);
  const { metadata } = await loadChart(archive);
  return clearSign(
    provenanceText(metadata, fileName, archive),
    key,
    context.now(),
    async (name) => passphrase ?? askSecret(context, `Password for key ${JSON.stringify(name)} >  `, "\n"),
  );
}

interface Statement {
  readonly fileName: string;
  readonly data: Buffer;
  readonly provenance: Buffer;
}

async function verified(call: Invocation, { fileName, data, provenance }: Statement): Promise<Verified> {
  let keyring: Keyring;
  try {
    keyring = await readKeyring(await readKeys(call));
  } catch (error) {
    throw fault(`failed to load keyring: ${(error as Error).message}`, error);
  }
  const signed = await verifyClearSigned(provenance.toString(), keyring, call.context.now());
  const { names, fingerprint } = signed.by;
  return { names, fingerprint, digest: checkProvenance(signed.text, fileName, data) };
}

async function readKeys({ flags, context }: Invocation): Promise<Buffer> {
  const gnupg = context.env["GNUPGHOME"] ?? join(context.userHome, ".gnupg");
  return readOrFault(flags.text("keyring") ?? join(gnupg, "pubring.gpg"));
}

async function passphraseIn(path: string): Promise<string> {
  const isPiped = path === "-";
  if (isPiped && !process.getBuiltinModule("node:fs").fstatSync(0).isFIFO()) {
    throw fault("specified reading passphrase from stdin, without input on stdin");
  }
  const content = isPiped ? await text(process.stdin) : (await readOrFault(path)).toString();
  if (content === "") throw fault("EOF");
  return content.split(/\r?\n/, 1)[0] ?? "";
}

async function readOrFault(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch {
    throw fault(`open ${path}: no such file or directory`);
  }
}
