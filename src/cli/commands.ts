import type { Command, FlagTable } from "./command.ts";
import {
  DEPLOY,
  flags,
  IMAGES,
  INTROSPECT,
  KUBE,
  LOG,
  PARALLEL,
  PROJECT,
  REGISTRY,
  RELEASE,
  SANDBOX,
  STAGES,
  TAGS,
  VALUES,
} from "./flag-groups.ts";
import { helm } from "./helm/commands.ts";

const buildFlags = (): FlagTable =>
  flags(PROJECT, LOG, KUBE, STAGES, REGISTRY, SANDBOX, PARALLEL, INTROSPECT);
const publishFlags = (): FlagTable => flags(PROJECT, LOG, KUBE, STAGES, REGISTRY, IMAGES, TAGS);
const renderFlags = (): FlagTable =>
  flags(PROJECT, LOG, KUBE, STAGES, REGISTRY, IMAGES, TAGS, RELEASE, VALUES);

const build: Command = {
  name: "build",
  summary: "Build the stages of the images in werf.yaml",
  description:
    "Builds the stages of the images and artifacts in werf.yaml from the current commit. What is uncommitted is not built.",
  usage: "[IMAGE...]",
  args: { max: Infinity },
  get flags() {
    return buildFlags();
  },
  examples: ["slipway build --stages-storage :local", "slipway build -s :local backend"],
  load: async () => (await import("./run-build.ts")).runBuild,
};

const publish: Command = {
  name: "publish",
  summary: "Push built images to a registry",
  usage: "[IMAGE...]",
  args: { max: Infinity },
  get flags() {
    return publishFlags();
  },
  examples: ["slipway publish -s :local --images-repo registry.example.com/shop --tag-by-stages-signature"],
  load: async () => (await import("./run-build.ts")).runPublish,
};

const buildAndPublish: Command = {
  name: "build-and-publish",
  summary: "Build stages, then push the images to a registry",
  usage: "[IMAGE...]",
  args: { max: Infinity },
  get flags() {
    return flags(buildFlags(), publishFlags());
  },
  examples: ["slipway build-and-publish -s :local -i registry.example.com/shop --tag-by-stages-signature"],
  load: async () => (await import("./run-build.ts")).runBuildAndPublish,
};

const run: Command = {
  name: "run",
  summary: "Run a built image on this machine, without Docker",
  description:
    "Starts a container of a built image on this machine. A container started with -d is kept by a supervisor process and restarted by its policy until it is stopped, though not across a reboot.",
  usage: "[IMAGE] [-- COMMAND ARG...]",
  args: { max: 1 },
  takesCommand: true,
  get flags() {
    return flags(PROJECT, LOG, KUBE, STAGES, REGISTRY, SANDBOX, {
      "docker-options": {
        type: "text",
        value: "OPTIONS",
        help: "Options of docker run: -d -p -e -v -w -u -it --name --rm --restart --entrypoint --network",
        env: ["WERF_DOCKER_OPTIONS"],
      },
      shell: { type: "bool", help: "Open /bin/sh in the image" },
      bash: { type: "bool", help: "Open /bin/bash in the image" },
      "dry-run": { type: "bool", help: "Print the docker command this stands for", env: ["WERF_DRY_RUN"] },
    });
  },
  examples: [
    'slipway run --stages-storage :local --docker-options="-d -p 8080:8080 --restart=always" -- python app.py',
    'slipway run -s :local --docker-options="-it --rm" backend -- bash',
  ],
  load: async () => (await import("./run-containers.ts")).runRun,
};

const containerFlags = (): FlagTable =>
  flags(LOG, {
    "home-dir": PROJECT["home-dir"] ?? { type: "text", help: "" },
  });

const ps: Command = {
  name: "ps",
  summary: "List containers started with run -d",
  get flags() {
    return flags(containerFlags(), { all: { type: "bool", short: "a", help: "Also those that have ended" } });
  },
  examples: ["slipway ps", "slipway ps --all"],
  load: async () => (await import("./run-containers.ts")).runPs,
};
const logs: Command = {
  name: "logs",
  summary: "Print what a container has written",
  usage: "CONTAINER",
  args: { min: 1, max: 1 },
  get flags() {
    return flags(containerFlags(), {
      follow: { type: "bool", short: "f", help: "Go on as more comes" },
      tail: { type: "int", short: "n", value: "LINES", help: "Only the last lines" },
    });
  },
  examples: ["slipway logs -f web"],
  load: async () => (await import("./run-containers.ts")).runLogs,
};
const stop: Command = {
  name: "stop",
  summary: "Stop containers",
  usage: "CONTAINER...",
  args: { min: 1, max: Infinity },
  get flags() {
    return flags(containerFlags(), {
      time: {
        type: "int",
        short: "t",
        default: "10",
        value: "SECONDS",
        help: "How long to wait before it is killed",
      },
    });
  },
  examples: ["slipway stop web"],
  load: async () => (await import("./run-containers.ts")).runStop,
};
const rm: Command = {
  name: "rm",
  summary: "Remove containers that have ended",
  usage: "CONTAINER...",
  args: { min: 1, max: Infinity },
  get flags() {
    return flags(containerFlags(), { force: { type: "bool", short: "f", help: "Stop it first" } });
  },
  examples: ["slipway rm -f web"],
  load: async () => (await import("./run-containers.ts")).runRemove,
};

const deploy: Command = {
  name: "deploy",
  summary: "Release the chart in .helm with the images of werf.yaml",
  description:
    "Renders the chart in .helm, applies it to Kubernetes as a Helm 3 release, and waits until every workload is really ready or has failed.",
  get flags() {
    return flags(renderFlags(), DEPLOY);
  },
  examples: [
    "slipway deploy -s :local -i registry.example.com/shop --tag-by-stages-signature --env production",
    "slipway deploy -s :local -i registry.example.com/shop --tag-by-stages-signature --env stage --set replicas=2",
  ],
  load: async () => (await import("./run-deploy.ts")).runDeploy,
};

const dismiss: Command = {
  name: "dismiss",
  summary: "Remove a release from Kubernetes",
  get flags() {
    return flags(PROJECT, LOG, KUBE, RELEASE, {
      "with-namespace": { type: "bool", help: "Remove the namespace too", env: ["WERF_WITH_NAMESPACE"] },
      "with-hooks": {
        type: "bool",
        default: "true",
        help: "Remove what hooks have made too",
        env: ["WERF_WITH_HOOKS"],
      },
      timeout: DEPLOY["timeout"] ?? { type: "duration", help: "" },
    });
  },
  examples: ["slipway dismiss --env stage", "slipway dismiss --env stage --with-namespace"],
  load: async () => (await import("./run-deploy.ts")).runDismiss,
};

const config: Command = {
  name: "config",
  summary: "Look at werf.yaml",
  commands: [
    {
      name: "render",
      summary: "Print werf.yaml after its templates have run",
      usage: "[IMAGE...]",
      args: { max: Infinity },
      get flags() {
        return flags(PROJECT, LOG);
      },
      examples: ["slipway config render", "slipway config render backend"],
      load: async () => (await import("./run-config.ts")).runConfigRender,
    },
    {
      name: "list",
      summary: "List the images and artifacts of werf.yaml",
      get flags() {
        return flags(PROJECT, LOG, { "images-only": { type: "bool", help: "Leave artifacts out" } });
      },
      examples: ["slipway config list"],
      load: async () => (await import("./run-config.ts")).runConfigList,
    },
  ],
};

const slugify: Command = {
  name: "slugify",
  summary: "Print the name that a text becomes",
  usage: "TEXT",
  args: { min: 1, max: 1 },
  get flags() {
    return flags(LOG, {
      format: {
        type: "text",
        short: "f",
        value: "helm-release|kubernetes-namespace|docker-tag",
        help: "What the name is for; r, ns and tag for short",
      },
    });
  },
  examples: ["slipway slugify -f ns feature/one"],
  load: async () => (await import("./run-config.ts")).runSlugify,
};

const version: Command = {
  name: "version",
  summary: "Print the version",
  get flags() {
    return flags(LOG);
  },
  examples: ["slipway version"],
  load: async () => async (call) => {
    call.context.out(`${call.context.version}\n`);
    return undefined;
  },
};

const completion: Command = {
  name: "completion",
  summary: "Print a completion script for a shell",
  usage: "[SHELL]",
  args: { max: 1 },
  get flags() {
    return flags(LOG, {
      shell: {
        type: "text",
        value: "bash|zsh|fish|powershell",
        default: "bash",
        help: "The shell",
        env: ["WERF_SHELL"],
      },
    });
  },
  examples: ["source <(slipway completion --shell bash)"],
  load: async () => (await import("./run-completion.ts")).runCompletion,
};

const doctor: Command = {
  name: "doctor",
  summary: "Say what this machine lacks to build, run and deploy",
  get flags() {
    return flags(LOG, PROJECT);
  },
  examples: ["slipway doctor"],
  load: async () => (await import("./run-doctor.ts")).runDoctor,
};

const PLANNED = [
  "cleanup",
  "purge",
  "host",
  "managed-images",
  "ci-env",
  "converge",
  "synchronization",
  "multiwerf",
  "init",
  "plan",
] as const;

const planned: readonly Command[] = PLANNED.map((name) => ({
  name,
  summary: "Not built yet",
  isHidden: true,
  isRaw: true,
}));

export const ROOT: Command = {
  name: "slipway",
  summary: "From a Git commit to an answering pod",
  description:
    "slipway builds the images of werf.yaml from the current commit and releases the chart in .helm to Kubernetes. No Docker daemon, no helm and no kubectl are needed.",
  commands: [
    build,
    publish,
    buildAndPublish,
    run,
    ps,
    logs,
    stop,
    rm,
    deploy,
    dismiss,
    config,
    helm,
    slugify,
    doctor,
    completion,
    version,
    { name: "stages", summary: "Commands on stages", isHidden: true, commands: [build] },
    { name: "images", summary: "Commands on images", isHidden: true, commands: [publish] },
    ...planned,
  ],
};
