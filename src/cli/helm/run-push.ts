import { readFile, stat } from "node:fs/promises";
import type { Invocation } from "../command.ts";
import { fault, needArguments } from "./arguments.ts";
import { pushChart } from "./oci-chart.ts";
import { certificatesOf, checkCertificates } from "./tls.ts";

/** `helm push ARCHIVE oci://HOST/PATH`. */
export async function runPush(call: Invocation): Promise<undefined> {
  needArguments(call, 2, "[chart] [remote] [flags]", true);
  const [path = "", remote = ""] = call.args;
  await checkCertificates(certificatesOf(call));
  if (!remote.startsWith("oci://")) {
    throw fault(`scheme "${remote.split("://", 1)[0]}" not supported`);
  }
  const found = await stat(path).catch(() => {
    throw fault(`${path}: no such file`);
  });
  if (found.isDirectory()) throw fault("cannot push directory, must provide chart archive (.tgz)");
  const provenance = await readFile(`${path}.prov`).catch(() => undefined);
  await pushChart(call, path, remote, provenance, found.mtime);
  return undefined;
}
