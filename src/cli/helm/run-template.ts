import {
  DEFAULT_CAPABILITIES,
  loadChart,
  mergeValues,
  parseKubeVersion,
  renderChart,
  templateOutput,
  type Capabilities,
} from "#chart";
import type { Invocation } from "../command.ts";

const HELM_VERSION = "v3.22.0";

/** `helm template`. */
export async function runTemplate(call: Invocation): Promise<undefined> {
  const { flags, context } = call;
  const [name, source] = call.args.length === 2 ? call.args : ["release-name", call.args[0]];
  const onWarning = (text: string): void => context.err(`${text}\n`);
  const chart = await loadChart(source ?? "", { onWarning });
  const values = await mergeValues({
    files: flags.list("values"),
    set: flags.list("set"),
    setString: flags.list("set-string"),
    setFile: flags.list("set-file"),
    setJson: flags.list("set-json"),
    setLiteral: flags.list("set-literal"),
  });
  const rendered = await renderChart(
    chart,
    values,
    {
      name: name ?? "",
      namespace: flags.text("namespace") ?? "default",
      revision: 1,
      isUpgrade: flags.bool("is-upgrade"),
    },
    { capabilities: capabilities(call), skipSchema: flags.bool("skip-schema-validation"), onWarning },
  );
  const output = templateOutput(rendered, {
    includeCrds: flags.bool("include-crds") && !flags.bool("skip-crds"),
    noHooks: flags.bool("no-hooks"),
    skipTests: flags.bool("skip-tests"),
    showOnly: flags.list("show-only"),
  });
  context.out(output);
  return undefined;
}

/** `helm version`: Helm's, so that callers that look for `v3.` go on working, then slipway's own. */
export async function runVersion(call: Invocation): Promise<undefined> {
  const text = call.flags.bool("short")
    ? `${HELM_VERSION}+slipway.${call.context.version}`
    : `version.BuildInfo{Version:"${HELM_VERSION}", GitCommit:"", GitTreeState:"clean", GoVersion:""} slipway ${call.context.version}`;
  call.context.out(`${text}\n`);
  return undefined;
}

function capabilities(call: Invocation): Capabilities {
  const wanted = call.flags.text("kube-version");
  return {
    ...DEFAULT_CAPABILITIES,
    ...(wanted === undefined ? {} : { kubeVersion: parseKubeVersion(wanted) }),
    apiVersions: [...DEFAULT_CAPABILITIES.apiVersions, ...call.flags.list("api-versions")],
  };
}
