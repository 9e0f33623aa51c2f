import { statSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { archiveName, loadChart, missingDependencies, packChart } from "#chart";
import { writeAtomically } from "#disk";
import { SlipwayError } from "#errors";
import { parseVersion } from "#semver";
import type { Invocation } from "../command.ts";
import { fault, warner } from "./arguments.ts";

/** `helm package`. */
export async function runPackage(call: Invocation): Promise<undefined> {
  const { args, flags, context } = call;
  if (args.length === 0) throw fault("need at least one argument, the path to the chart");
  const isSigned = flags.bool("sign");
  if (isSigned && (flags.text("key") ?? "") === "") throw fault("--key is required for signing a package");
  if (isSigned && flags.text("keyring") === "") throw fault("--keyring is required for signing a package");
  const version = flags.text("version") ?? "";
  const appVersion = flags.text("app-version") ?? "";
  const destination = flags.text("destination") ?? ".";
  for (const path of args) {
    if (flags.bool("dependency-update")) await updateSilently(call, path);
    if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) throw noDirectory(path);
    const chart = await loadChart(path, { onWarning: warner(context) });
    if (version !== "") chart.metadata.version = checkedVersion(version);
    if (appVersion !== "") chart.metadata.appVersion = appVersion;
    const missing = missingDependencies(chart);
    if (missing.length > 0)
      throw fault(`found in Chart.yaml, but missing in charts/ directory: ${missing.join(", ")}`);
    const target = join(destination === "." ? resolve(context.cwd) : destination, archiveName(chart));
    const archive = packChart(chart, context.now().getTime() / 1000);
    await writeAtomically(target, archive);
    if (isSigned) {
      const { signedStatement } = await import("./provenance.ts");
      await writeAtomically(`${target}.prov`, await signedStatement(call, basename(target), archive));
    }
    context.out(`Successfully packaged chart and saved it to: ${target}\n`);
  }
  return undefined;
}

function noDirectory(path: string): SlipwayError {
  return new SlipwayError("HELM_COMMAND", "Chart.yaml file is missing", {
    hint: `${path} is a file; what can be packed is the directory of a chart`,
  });
}

/** Helm tells nothing of what it fetches here. */
async function updateSilently(call: Invocation, path: string): Promise<void> {
  const { updateDependencies } = await import("./run-dependency.ts");
  const silent = { ...call, context: { ...call.context, out: () => undefined } };
  await updateDependencies(silent, path, true);
}

function checkedVersion(text: string): string {
  try {
    parseVersion(text);
    return text;
  } catch (error) {
    throw fault("invalid semantic version", error);
  }
}
