import type { Invocation } from "../command.ts";
import { needArguments } from "./arguments.ts";
import { verifiedText, verifyFile } from "./provenance.ts";

/** `helm verify ARCHIVE`. */
export async function runVerify(call: Invocation): Promise<undefined> {
  needArguments(call, 1, "PATH [flags]");
  call.context.out(verifiedText(await verifyFile(call, call.args[0] ?? "")));
  return undefined;
}
