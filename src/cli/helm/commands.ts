import type { Command } from "../command.ts";
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
import { chartCommands } from "./chart-commands.ts";

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

const installLink: Command = {
  name: "--install-link",
  summary: "Make a link with the name helm in a directory; under that name this program is Helm",
  usage: "DIR",
  args: { min: 1, max: 1 },
  flags: flags(LOG),
  examples: ["slipway helm --install-link ~/bin"],
  load: async () => (await import("./run-install-link.ts")).runInstallLink,
};

const PLANNED = [
  "create",
  "install",
  "upgrade",
  "uninstall",
  "rollback",
  "list",
  "status",
  "history",
  "get",
  "test",
  "plugin",
  "secret",
] as const;

export const helm: Command = {
  name: "helm",
  summary: "Helm's commands on charts",
  commands: [
    render,
    ...chartCommands,
    version,
    installLink,
    ...PLANNED.map((name): Command => ({ name, summary: "Not built yet", isHidden: true, isRaw: true })),
  ],
};
