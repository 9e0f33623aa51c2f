import {
  DEFAULT_CAPABILITIES,
  mergeValues,
  parseKubeVersion,
  type Capabilities,
  type ValuesFlags,
} from "#chart";
import type { GoMap } from "#gotemplate";
import type { Invocation } from "../command.ts";
import { fault } from "./arguments.ts";
import { machineFault } from "./machine-fault.ts";

/** The values that the flags of a command give. */
export async function valuesOf(call: Invocation): Promise<GoMap> {
  return mergeValues(valuesFlags(call));
}

/** The flags that give values; a file may be a path, a URL, or `-` for the standard input. */
export function valuesFlags(call: Invocation): ValuesFlags {
  const { flags, context } = call;
  const listed = flags.list("values").flatMap((one) => one.split(","));
  return {
    files: listed,
    set: flags.list("set"),
    setString: flags.list("set-string"),
    setFile: flags.list("set-file"),
    setJson: flags.list("set-json"),
    setLiteral: flags.list("set-literal"),
    read: (name) => readAny(name, context.env, context.signal),
  };
}

/** What templates are told of the cluster that is not asked. */
export function capabilitiesOf(call: Invocation): Capabilities {
  const wanted = call.flags.text("kube-version") || undefined;
  const more = call.flags.has("api-versions") ? call.flags.list("api-versions") : [];
  return {
    ...DEFAULT_CAPABILITIES,
    ...(wanted === undefined ? {} : { kubeVersion: parseKubeVersion(wanted) }),
    apiVersions: [...DEFAULT_CAPABILITIES.apiVersions, ...more.flatMap((text) => text.split(","))],
  };
}

async function readAny(
  name: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (name.trim() === "-") {
    const { text } = await import("node:stream/consumers");
    return Buffer.from(await text(process.stdin));
  }
  if (/^https?:\/\//.test(name)) return readAddress(name, env, signal);
  try {
    return await process.getBuiltinModule("node:fs").promises.readFile(name);
  } catch (error) {
    throw machineFault(error, name) ?? error;
  }
}

async function readAddress(
  address: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { openHttp } = await import("#http");
  using http = openHttp({ env, userAgent: "Helm/3.22.0" });
  let response;
  try {
    response = await http.request(address, { signal });
  } catch (error) {
    throw fault(`Get "${address}": ${(error as Error).message}`, error);
  }
  if (response.status !== 200) {
    response.discard();
    throw fault(`failed to fetch ${address} : ${response.status} ${statusText(response.status)}`);
  }
  return response.bytes(32 * 1024 * 1024);
}

function statusText(status: number): string {
  return (
    { 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 500: "Internal Server Error" }[status] ?? ""
  );
}
