import { stat } from "node:fs/promises";
import type { Invocation } from "../command.ts";
import { fault, needArguments } from "./arguments.ts";

/** `helm verify ARCHIVE`: says what is missing; a signature itself is never taken for good unchecked. */
export async function runVerify(call: Invocation): Promise<undefined> {
  needArguments(call, 1, "PATH [flags]");
  const path = call.args[0] ?? "";
  const found = await stat(path).catch((error: unknown) => {
    throw fault(`stat ${path}: no such file or directory`, error);
  });
  if (found.isDirectory()) throw fault("unpacked charts cannot be verified");
  const signed = `${path}.prov`;
  await stat(signed).catch((error: unknown) => {
    throw fault(`could not load provenance file ${signed}: stat ${signed}: no such file or directory`, error);
  });
  throw fault(
    `cannot check the signature in ${signed}: slipway does not read PGP signatures. Check it with gpg --verify ${signed}`,
  );
}
