import type { Command, Flag, FlagTable } from "../command.ts";
import { flags, LOG } from "../flag-groups.ts";

const ANY = { max: 100 } as const;

const CHART_VALUES: FlagTable = {
  values: { type: "list", short: "f", value: "PATH", help: "Values file or URL; may be repeated" },
  set: { type: "list", value: "KEY=VALUE", help: "Set values; may be repeated or joined by commas" },
  "set-string": { type: "list", value: "KEY=VALUE", help: "Set values as text" },
  "set-file": { type: "list", value: "KEY=PATH", help: "Set values from files" },
  "set-json": { type: "list", value: "KEY=JSON", help: "Set values from JSON" },
  "set-literal": { type: "list", value: "KEY=VALUE", help: "Set a value as literal text" },
};

const SKIP_REFRESH: FlagTable = {
  "skip-refresh": { type: "bool", help: "Do not fetch indexes of repositories anew" },
};

const LOGIN: FlagTable = {
  username: { type: "text", value: "NAME", help: "User that the server knows" },
  password: { type: "text", value: "WORD", help: "The user's password" },
};

const CERTIFICATES: FlagTable = {
  "cert-file": { type: "text", value: "PATH", help: "Certificate to show to the server" },
  "key-file": { type: "text", value: "PATH", help: "Key of that certificate" },
  "ca-file": { type: "text", value: "PATH", help: "Authorities to trust beside the usual ones" },
};

const SKIP_TLS_VERIFY: FlagTable = {
  "insecure-skip-tls-verify": { type: "bool", help: "Take any certificate of the server" },
};

const SERVER_ACCESS: FlagTable = { ...LOGIN, ...CERTIFICATES, ...SKIP_TLS_VERIFY };

const REPOSITORY_ACCESS: FlagTable = {
  ...SERVER_ACCESS,
  "pass-credentials": { type: "bool", help: "Show the login to other hosts too" },
};

const PLAIN_HTTP: FlagTable = {
  "plain-http": { type: "bool", help: "Speak plain HTTP with the registry" },
};

const KEYRING: FlagTable = {
  keyring: {
    type: "text",
    value: "PATH",
    help: "Keys in GnuPG's binary form; pubring.gpg of GnuPG's home unless told",
  },
};

const VERIFY: FlagTable = {
  ...KEYRING,
  verify: { type: "bool", help: "Refuse what no key of the keyring has signed" },
};

/** Where a chart that is not on this machine comes from. */
const CHART_PLACE: FlagTable = {
  ...REPOSITORY_ACCESS,
  ...PLAIN_HTTP,
  ...VERIFY,
  version: {
    type: "text",
    value: "RANGE",
    help: "Version of a chart that is elsewhere; the newest unless told",
  },
  repo: { type: "text", value: "URL", help: "Repository that has the chart" },
  devel: { type: "bool", help: "Prereleases too" },
};

/** Flags of an install that change nothing about a rendering; Helm's template command takes them. */
const INSTALL_ONLY: FlagTable = Object.fromEntries<Flag>([
  ...[
    "atomic",
    "create-namespace",
    "disable-openapi-validation",
    "force",
    "hide-notes",
    "replace",
    "skip-crds",
    "wait",
    "wait-for-jobs",
  ].map((name): [string, Flag] => [
    name,
    { type: "bool", help: "Taken as by Helm; changes nothing here", isHidden: true },
  ]),
  ["description", { type: "text", help: "Likewise", isHidden: true }],
  ["labels", { type: "list", short: "l", value: "KEY=VALUE", help: "Likewise", isHidden: true }],
  ["timeout", { type: "duration", help: "Likewise", isHidden: true }],
]);

const OUTPUT: FlagTable = {
  output: {
    type: "text",
    short: "o",
    value: "table|json|yaml",
    default: "table",
    help: "Form of the output",
  },
};

/** Where werf 1.1 has the chart of a project. */
const PROJECT_CHART: FlagTable = {
  dir: { type: "text", value: "PATH", help: "Project directory, for its chart", env: ["WERF_DIR"] },
  "helm-chart-dir": {
    type: "text",
    value: "PATH",
    help: "The project's chart; .helm below --dir, and for werf, where no CHART is given",
    env: ["WERF_HELM_CHART_DIR"],
  },
};

const COLUMN_WIDTH: Flag = {
  type: "int",
  value: "N",
  default: "50",
  help: "Cut columns at this width; 0 does not",
};

const template: Command = {
  name: "template",
  summary: "Render a chart on this machine and print the result",
  usage: "[NAME] CHART",
  args: ANY,
  get flags() {
    return flags(LOG, CHART_PLACE, CHART_VALUES, {
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
      "skip-schema-validation": { type: "bool", help: "Do not check values.schema.json" },
      "show-only": { type: "list", short: "s", value: "PATH", help: "Only what these templates give" },
      "name-template": { type: "text", value: "TEMPLATE", help: "Template that gives the name" },
      "generate-name": {
        type: "bool",
        short: "g",
        help: "Taken as by Helm, whose template command keeps its fixed name",
      },
      "output-dir": { type: "text", value: "PATH", help: "Write each template's objects to a file below" },
      "release-name": { type: "bool", help: "Put the release name into the path below --output-dir" },
      "dependency-update": { type: "bool", help: "Fetch what charts/ lacks first" },
      "post-renderer": { type: "text", value: "PROGRAM", help: "Program that changes the objects" },
      "post-renderer-args": { type: "list", value: "WORD", help: "Argument of it; may be repeated" },
      validate: {
        type: "bool",
        help: "Tell templates of the cluster that is there, and ask it whether an install would begin",
      },
      "take-ownership": { type: "bool", help: "With --validate: whoever has the objects now" },
      "dry-run": {
        type: "text",
        value: "client|server|none",
        alone: "client",
        help: "With server or none lookup sees the cluster",
      },
      "enable-dns": { type: "bool", help: "getHostByName sees the network" },
      "render-subchart-notes": { type: "bool", help: "Render the notes of subcharts too" },
      ...INSTALL_ONLY,
    });
  },
  examples: [
    "slipway helm template web ./chart",
    "slipway helm template web ./chart -f values.yaml --set image.tag=1.2",
  ],
  load: async () => (await import("./run-template.ts")).runTemplate,
};

const showParts: readonly (readonly [name: string, summary: string])[] = [
  ["all", "Print everything about a chart"],
  ["chart", "Print the definition of a chart"],
  ["values", "Print the values of a chart"],
  ["readme", "Print the README of a chart"],
  ["crds", "Print the CRDs of a chart"],
];

const JSONPATH: FlagTable = {
  jsonpath: { type: "text", value: "TEMPLATE", help: "Print what {.image.tag} and the like find" },
};

const show: Command = {
  name: "show",
  aliases: ["inspect"],
  summary: "Print what a chart says of itself",
  commands: showParts.map(([name, summary]) => ({
    name,
    summary,
    usage: "CHART",
    args: ANY,
    get flags() {
      return flags(LOG, CHART_PLACE, name === "values" ? JSONPATH : {});
    },
    examples: [
      `slipway helm show ${name} ./chart`,
      ...(name === "values" ? ["slipway helm show values ./chart --jsonpath '{.image.tag}'"] : []),
    ],
    load: async () => (await import("./run-show.ts")).runShow,
  })),
};

const lint: Command = {
  name: "lint",
  summary: "Say what is wrong with a chart",
  usage: "[PATH...]",
  args: ANY,
  get flags() {
    return flags(LOG, CHART_VALUES, {
      strict: { type: "bool", help: "Warnings are failures too" },
      quiet: { type: "bool", help: "Only warnings and errors" },
      "with-subcharts": { type: "bool", help: "The charts in charts/ too" },
      "kube-version": { type: "text", value: "VERSION", help: "Kubernetes version to check for" },
      "skip-schema-validation": { type: "bool", help: "Do not check values.schema.json" },
    });
  },
  examples: ["slipway helm lint ./chart --strict"],
  load: async () => (await import("./run-lint.ts")).runLint,
};

const create: Command = {
  name: "create",
  summary: "Make a new chart, ready to be installed and changed",
  usage: "NAME",
  args: { min: 1, max: 1 },
  get flags() {
    return flags(LOG, {
      starter: {
        type: "text",
        short: "p",
        value: "NAME|PATH",
        help: "Chart to make it of: a name in $HELM_DATA_HOME/starters, or an absolute path",
      },
    });
  },
  examples: ["slipway helm create shop", "slipway helm create shop --starter ~/charts/pattern"],
  load: async () => (await import("./run-create.ts")).runCreate,
};

const packageCommand: Command = {
  name: "package",
  summary: "Pack chart directories into archives",
  usage: "PATH...",
  args: ANY,
  get flags() {
    return flags(LOG, SERVER_ACCESS, PLAIN_HTTP, KEYRING, {
      destination: { type: "text", short: "d", value: "PATH", default: ".", help: "Where the archives go" },
      version: { type: "text", value: "VERSION", help: "Version that the archive has" },
      "app-version": { type: "text", value: "VERSION", help: "Version of the application that it has" },
      "dependency-update": { type: "bool", short: "u", help: "Fetch dependencies first" },
      sign: { type: "bool", help: "Sign the archive; the signature goes to a file beside it" },
      key: { type: "text", value: "NAME", help: "Name of the key to sign with, or a part of it" },
      "passphrase-file": {
        type: "text",
        value: "PATH",
        help: "File with the passphrase of the key, - for the standard input; asked for unless told",
      },
    });
  },
  examples: [
    "slipway helm package ./chart -d out",
    "slipway helm package ./chart --sign --key ada --keyring secring.gpg",
  ],
  load: async () => (await import("./run-package.ts")).runPackage,
};

const dependency: Command = {
  name: "dependency",
  aliases: ["dep", "dependencies"],
  summary: "See to the charts that a chart depends on",
  commands: [
    {
      name: "list",
      aliases: ["ls"],
      summary: "Say which dependencies are there",
      usage: "[CHART]",
      args: ANY,
      get flags() {
        return flags(LOG, PROJECT_CHART, {
          "max-col-width": { ...COLUMN_WIDTH, default: "80" },
        });
      },
      examples: ["slipway helm dependency list ./chart"],
      load: async () => (await import("./run-dependency.ts")).runDependencyList,
    },
    {
      name: "build",
      summary: "Put what the lock names into charts/",
      usage: "[CHART]",
      args: ANY,
      get flags() {
        return flags(LOG, PROJECT_CHART, SERVER_ACCESS, PLAIN_HTTP, VERIFY, SKIP_REFRESH);
      },
      examples: ["slipway helm dependency build ./chart"],
      load: async () => (await import("./run-dependency.ts")).runDependencyBuild,
    },
    {
      name: "update",
      aliases: ["up"],
      summary: "Choose versions, put them into charts/ and lock them",
      usage: "[CHART]",
      args: ANY,
      get flags() {
        return flags(LOG, PROJECT_CHART, SERVER_ACCESS, PLAIN_HTTP, VERIFY, SKIP_REFRESH);
      },
      examples: ["slipway helm dependency update ./chart"],
      load: async () => (await import("./run-dependency.ts")).runDependencyUpdate,
    },
  ],
};

const searchRepo: Command = {
  name: "repo",
  summary: "Look for charts in the indexes of repositories that have names here",
  usage: "[WORD...]",
  args: ANY,
  get flags() {
    return flags(LOG, OUTPUT, {
      regexp: { type: "bool", short: "r", help: "The words are a regular expression" },
      versions: { type: "bool", short: "l", help: "Every version, not only the newest" },
      devel: { type: "bool", help: "Prereleases too" },
      version: { type: "text", value: "RANGE", help: "Versions to look at" },
      "max-col-width": COLUMN_WIDTH,
      "fail-on-no-result": { type: "bool", help: "Fail when nothing is found" },
    });
  },
  examples: ["slipway helm search repo redis --versions"],
  load: async () => (await import("./run-search.ts")).runSearchRepo,
};

const search: Command = {
  name: "search",
  summary: "Look for charts",
  commands: [
    searchRepo,
    {
      name: "hub",
      summary: "Look for charts in the Artifact Hub or another hub",
      usage: "[WORD...]",
      args: ANY,
      get flags() {
        return flags(LOG, OUTPUT, {
          endpoint: { type: "text", value: "URL", default: "https://hub.helm.sh", help: "The hub to ask" },
          "list-repo-url": { type: "bool", help: "Show the addresses of the repositories too" },
          "max-col-width": COLUMN_WIDTH,
          "fail-on-no-result": { type: "bool", help: "Fail when nothing is found" },
        });
      },
      examples: ["slipway helm search hub redis"],
      load: async () => (await import("./run-search-hub.ts")).runSearchHub,
    },
  ],
};

const pull: Command = {
  name: "pull",
  aliases: ["fetch"],
  summary: "Fetch the archives of charts",
  usage: "CHART...",
  args: ANY,
  get flags() {
    return flags(LOG, CHART_PLACE, {
      destination: { type: "text", short: "d", value: "PATH", default: ".", help: "Where the archives go" },
      untar: { type: "bool", help: "Unpack them" },
      untardir: { type: "text", value: "PATH", default: ".", help: "Where they are unpacked" },
      prov: { type: "bool", help: "Fetch the provenance file too" },
      verify: { type: "bool", help: "Refuse what has no provenance; signatures cannot be checked yet" },
    });
  },
  examples: [
    "slipway helm pull shop/web --version 1.2",
    "slipway helm pull oci://registry.example.com/charts/web --untar",
  ],
  load: async () => (await import("./run-pull.ts")).runPull,
};

const repo: Command = {
  name: "repo",
  summary: "See to repositories of charts",
  commands: [
    {
      name: "index",
      summary: "Write the index of a directory of archives",
      usage: "DIR",
      args: ANY,
      get flags() {
        return flags(LOG, {
          url: { type: "text", value: "URL", help: "Address that the archives will have" },
          merge: { type: "text", value: "PATH", help: "Index to take further entries from" },
          json: { type: "bool", help: "Write JSON" },
        });
      },
      examples: ["slipway helm repo index out --url https://charts.example.com"],
      load: async () => (await import("./run-repo-index.ts")).runRepoIndex,
    },
    {
      name: "add",
      summary: "Give a repository a name here and fetch its index",
      usage: "NAME URL",
      args: ANY,
      get flags() {
        return flags(LOG, REPOSITORY_ACCESS, {
          "password-stdin": { type: "bool", help: "Read the password from the standard input" },
          "force-update": { type: "bool", help: "Replace what has the name" },
          "allow-deprecated-repos": { type: "bool", help: "Take the retired addresses too" },
          "no-update": { type: "bool", help: "Taken for old scripts; changes nothing", isHidden: true },
          timeout: {
            type: "duration",
            value: "DURATION",
            default: "2m",
            help: "Taken as by Helm",
            isHidden: true,
          },
        });
      },
      examples: ["slipway helm repo add shop https://charts.example.com"],
      load: async () => (await import("./run-repo.ts")).runRepoAdd,
    },
    {
      name: "list",
      aliases: ["ls"],
      summary: "Say which repositories have names here",
      args: ANY,
      get flags() {
        return flags(LOG, OUTPUT);
      },
      examples: ["slipway helm repo list -o json"],
      load: async () => (await import("./run-repo.ts")).runRepoList,
    },
    {
      name: "update",
      aliases: ["up"],
      summary: "Fetch the indexes of repositories, where they changed",
      usage: "[NAME...]",
      args: ANY,
      get flags() {
        return flags(LOG, {
          "fail-on-repo-update-fail": { type: "bool", help: "Fail when one of them cannot be fetched" },
          strict: { type: "bool", help: "The same, as werf 1.1 names it", isHidden: true },
          timeout: {
            type: "duration",
            value: "DURATION",
            default: "2m",
            help: "Taken as by Helm",
            isHidden: true,
          },
        });
      },
      examples: ["slipway helm repo update shop"],
      load: async () => (await import("./run-repo.ts")).runRepoUpdate,
    },
    {
      name: "remove",
      aliases: ["rm"],
      summary: "Forget repositories and their indexes",
      usage: "NAME...",
      args: ANY,
      get flags() {
        return flags(LOG);
      },
      examples: ["slipway helm repo remove shop"],
      load: async () => (await import("./run-repo.ts")).runRepoRemove,
    },
    {
      name: "init",
      summary: "Make the folders of repositories, and one with the name stable, as werf 1.1 does",
      get flags() {
        return flags(LOG, {
          "stable-repo-url": {
            type: "text",
            value: "URL",
            default: "https://charts.bitnami.com/bitnami",
            help: "Address of the repository with the name stable",
            env: ["SLIPWAY_HELM_STABLE_REPO_URL"],
          },
          "local-repo-url": {
            type: "text",
            value: "URL",
            help: "Taken for old scripts; Helm 3 serves no charts",
            isHidden: true,
          },
          "skip-refresh": { type: "bool", help: "Do not fetch its index" },
        });
      },
      examples: ["slipway helm repo init --stable-repo-url https://charts.example.com"],
      load: async () => (await import("./run-repo-init.ts")).runRepoInit,
    },
    {
      ...pull,
      name: "fetch",
      aliases: [],
      summary: "The same as pull, as werf 1.1 names it",
      isHidden: true,
    },
    {
      ...searchRepo,
      name: "search",
      summary: "The same as search repo, as werf 1.1 names it",
      isHidden: true,
      get flags() {
        return flags(searchRepo.flags ?? {}, {
          version: { type: "text", short: "v", value: "RANGE", help: "Versions to look at" },
          "max-col-width": { ...COLUMN_WIDTH, isHidden: true },
          "col-width": { ...COLUMN_WIDTH, default: "60" },
        });
      },
    },
  ],
};

const push: Command = {
  name: "push",
  summary: "Upload the archive of a chart to a registry",
  usage: "ARCHIVE oci://HOST/PATH",
  args: ANY,
  get flags() {
    return flags(LOG, SERVER_ACCESS, PLAIN_HTTP);
  },
  examples: ["slipway helm push web-1.2.0.tgz oci://registry.example.com/charts"],
  load: async () => (await import("./run-push.ts")).runPush,
};

const registry: Command = {
  name: "registry",
  summary: "See to logins at registries",
  commands: [
    {
      name: "login",
      summary: "Log in to a registry and keep the login for Helm's commands",
      usage: "HOST",
      args: ANY,
      get flags() {
        return flags(LOG, PLAIN_HTTP, CERTIFICATES, {
          username: { type: "text", short: "u", value: "NAME", help: "User that the registry knows" },
          password: { type: "text", short: "p", value: "WORD", help: "The user's password or token" },
          "password-stdin": { type: "bool", help: "Read the password from the standard input" },
          insecure: { type: "bool", help: "Take any certificate of the registry" },
        });
      },
      examples: [
        "slipway helm registry login registry.example.com -u ada",
        "slipway helm registry login registry.example.com -u ada --password-stdin < password",
      ],
      load: async () => (await import("./run-registry.ts")).runRegistryLogin,
    },
    {
      name: "logout",
      summary: "Forget the login at a registry",
      usage: "HOST",
      args: ANY,
      get flags() {
        return flags(LOG);
      },
      examples: ["slipway helm registry logout registry.example.com"],
      load: async () => (await import("./run-registry.ts")).runRegistryLogout,
    },
  ],
};

const verify: Command = {
  name: "verify",
  summary: "Check an archive against the signed provenance file beside it",
  usage: "ARCHIVE",
  args: ANY,
  get flags() {
    return flags(LOG, KEYRING);
  },
  examples: ["slipway helm verify web-1.2.0.tgz --keyring pubring.gpg"],
  load: async () => (await import("./run-verify.ts")).runVerify,
};

const env: Command = {
  name: "env",
  summary: "Print the folders and settings that Helm uses",
  usage: "[NAME]",
  args: { max: 1 },
  get flags() {
    return flags(LOG);
  },
  examples: ["slipway helm env HELM_CACHE_HOME"],
  load: async () => (await import("./run-env.ts")).runEnv,
};

const values: Command = {
  name: "values",
  summary: "Look into the values of a chart",
  commands: [
    {
      name: "trace",
      summary: "Say which file or flag set, overrode or deleted a value",
      description:
        "Lists every file and flag that names the value, the weakest first, with the line, and what it made of it. CHART is the current directory unless given.",
      usage: "PATH [CHART]",
      args: { min: 1, max: 2 },
      get flags() {
        return flags(LOG, CHART_PLACE, CHART_VALUES);
      },
      examples: ["slipway helm values trace image.tag ./chart -f prod.yaml --set image.tag=2"],
      load: async () => (await import("./run-values-trace.ts")).runValuesTrace,
    },
  ],
};

/** Helm's commands that need no cluster, and what goes beyond them. */
export const chartCommands: readonly Command[] = [
  template,
  show,
  values,
  lint,
  create,
  packageCommand,
  dependency,
  repo,
  search,
  pull,
  push,
  registry,
  verify,
  env,
];
