import type { Command, FlagTable } from "../command.ts";
import {
  flags,
  IMAGES,
  KUBE,
  LOG,
  PROJECT,
  REGISTRY,
  RELEASE,
  STAGES,
  TAGS,
  VALUES,
} from "../flag-groups.ts";

const CHART_VALUES: FlagTable = {
  values: { type: "list", short: "f", value: "PATH", help: "Values file or URL; may be repeated" },
  set: { type: "list", value: "KEY=VALUE", help: "Set values; may be repeated or joined by commas" },
  "set-string": { type: "list", value: "KEY=VALUE", help: "Set values as text" },
  "set-file": { type: "list", value: "KEY=PATH", help: "Set values from files" },
  "set-json": { type: "list", value: "KEY=JSON", help: "Set values from JSON" },
  "set-literal": { type: "list", value: "KEY=VALUE", help: "Set a value as literal text" },
};

const template: Command = {
  name: "template",
  summary: "Render a chart on this machine and print the result",
  usage: "[NAME] CHART",
  args: { min: 1, max: 2 },
  flags: flags(LOG, CHART_VALUES, {
    namespace: {
      type: "text",
      short: "n",
      value: "NAME",
      help: "Namespace that templates see",
      default: "default",
      env: ["HELM_NAMESPACE"],
    },
    "kube-version": { type: "text", value: "VERSION", help: "Kubernetes version that templates see" },
    "api-versions": {
      type: "list",
      short: "a",
      value: "VERSION",
      help: "API versions that templates see beside the usual ones",
    },
    "include-crds": { type: "bool", help: "Print the CRDs too" },
    "is-upgrade": { type: "bool", help: "Templates see an upgrade" },
    "no-hooks": { type: "bool", help: "Leave hooks out" },
    "skip-tests": { type: "bool", help: "Leave tests out" },
    "skip-crds": { type: "bool", help: "Leave CRDs out" },
    "skip-schema-validation": { type: "bool", help: "Do not check values.schema.json" },
    "show-only": { type: "list", short: "s", value: "PATH", help: "Only what these templates give" },
    "name-template": { type: "text", help: "Name by a template", isPlanned: true },
    "generate-name": { type: "bool", short: "g", help: "Make a name up", isPlanned: true },
    "output-dir": { type: "text", help: "Write to a directory", isPlanned: true },
    "post-renderer": { type: "text", help: "Program that changes the result", isPlanned: true },
    validate: { type: "bool", help: "Ask the cluster", isPlanned: true },
    version: { type: "text", help: "Version of a chart of a repository", isPlanned: true },
    repo: { type: "text", help: "Address of a repository", isPlanned: true },
    "dependency-update": { type: "bool", help: "Fetch dependencies first", isPlanned: true },
  }),
  examples: [
    "slipway helm template web ./chart",
    "slipway helm template web ./chart -f values.yaml --set image.tag=1.2",
  ],
  load: async () => (await import("./run-template.ts")).runTemplate,
};

const render: Command = {
  name: "render",
  summary: "Render the chart in .helm as deploy would, without a cluster",
  flags: flags(PROJECT, LOG, KUBE, STAGES, REGISTRY, IMAGES, TAGS, RELEASE, VALUES),
  examples: ["slipway helm render --env stage", "slipway helm render --env stage --set replicas=2"],
  load: async () => (await import("../run-deploy.ts")).runRender,
};

const version: Command = {
  name: "version",
  summary: "Print the version of Helm whose behaviour this is",
  flags: flags(LOG, {
    short: { type: "bool", help: "The version alone" },
    template: { type: "text", help: "Template of the output", isPlanned: true },
    client: { type: "bool", short: "c", help: "Taken for old scripts; changes nothing", isHidden: true },
  }),
  examples: ["slipway helm version --short"],
  load: async () => (await import("./run-template.ts")).runVersion,
};

const PLANNED = [
  "lint",
  "show",
  "pull",
  "push",
  "package",
  "create",
  "dependency",
  "repo",
  "search",
  "verify",
  "env",
  "install",
  "upgrade",
  "uninstall",
  "rollback",
  "list",
  "status",
  "history",
  "get",
  "test",
  "registry",
  "plugin",
  "secret",
] as const;

export const helm: Command = {
  name: "helm",
  summary: "Helm's commands on charts",
  commands: [
    render,
    template,
    version,
    ...PLANNED.map((name): Command => ({ name, summary: "Not built yet", isHidden: true, isRaw: true })),
  ],
};
