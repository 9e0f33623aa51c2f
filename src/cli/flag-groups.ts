import type { Flag, FlagTable } from "./command.ts";

const planned = (type: Flag["type"], help: string, env?: readonly string[]): Flag => ({
  type,
  help,
  isPlanned: true,
  ...(env === undefined ? {} : { env }),
});

/** Every command. */
export const LOG: FlagTable = {
  "log-format": {
    type: "text",
    value: "auto|tree|plain|json",
    default: "auto",
    help: "How progress is shown",
    env: ["SLIPWAY_LOG_FORMAT"],
  },
  "log-debug": { type: "bool", help: "Show stacks of errors", env: ["WERF_LOG_DEBUG", "WERF_DEBUG"] },
  debug: { type: "bool", help: "Same as --log-debug", isHidden: true },
  "log-verbose": { type: "bool", help: "Say more", env: ["WERF_LOG_VERBOSE", "WERF_VERBOSE"] },
  verbose: { type: "bool", help: "Same as --log-verbose", isHidden: true },
  "log-quiet": { type: "bool", help: "Show warnings and errors only", env: ["WERF_LOG_QUIET", "WERF_QUIET"] },
  quiet: { type: "bool", help: "Same as --log-quiet", isHidden: true },
  "log-color-mode": {
    type: "text",
    value: "auto|on|off",
    default: "auto",
    help: "Colour on a terminal, always or never",
    env: ["WERF_LOG_COLOR_MODE"],
  },
  "log-pretty": {
    type: "bool",
    default: "true",
    help: "Draw the tree; false gives plain lines",
    env: ["WERF_LOG_PRETTY"],
  },
  "log-terminal-width": {
    type: "int",
    default: "-1",
    help: "Width to lay out for",
    env: ["WERF_LOG_TERMINAL_WIDTH"],
  },
};

/** Where the project is and where slipway keeps its state. */
export const PROJECT: FlagTable = {
  dir: {
    type: "text",
    value: "PATH",
    help: "Project directory; the current one unless told",
    env: ["WERF_DIR"],
  },
  config: {
    type: "text",
    value: "PATH",
    help: "Configuration file; werf.yml or werf.yaml of the project directory unless told",
    env: ["WERF_CONFIG"],
  },
  "config-templates-dir": {
    type: "text",
    value: "PATH",
    help: "Directory of configuration templates; .werf unless told",
    env: ["WERF_CONFIG_TEMPLATES_DIR"],
  },
  "tmp-dir": { type: "text", value: "PATH", help: "Directory for temporary files", env: ["WERF_TMP_DIR"] },
  "home-dir": {
    type: "text",
    value: "PATH",
    help: "Home of werf; slipway keeps its state in the folder slipway below it, or in $SLIPWAY_HOME",
    env: ["WERF_HOME"],
  },
  "log-project-dir": { type: "bool", help: "Print the project directory", env: ["WERF_LOG_PROJECT_DIR"] },
  env: { type: "text", value: "NAME", help: "Environment, such as production", env: ["WERF_ENV"] },
};

export const REGISTRY: FlagTable = {
  "docker-config": {
    type: "text",
    value: "PATH",
    help: "Directory with config.json of docker login; ~/.docker unless told",
    env: ["WERF_DOCKER_CONFIG", "DOCKER_CONFIG"],
  },
  "insecure-registry": {
    type: "bool",
    help: "Speak plain HTTP with the registry",
    env: ["WERF_INSECURE_REGISTRY"],
  },
  "skip-tls-verify-registry": {
    type: "bool",
    help: "Do not verify the registry's certificate",
    env: ["WERF_SKIP_TLS_VERIFY_REGISTRY"],
  },
  "registry-mirror": {
    type: "list",
    value: "HOST=URL",
    help: "Ask URL first for images of HOST; may be repeated",
    env: ["SLIPWAY_REGISTRY_MIRROR_*"],
  },
};

export const STAGES: FlagTable = {
  "stages-storage": {
    type: "text",
    short: "s",
    value: "ADDRESS",
    help: "Where stages are kept; :local for this machine",
    env: ["WERF_STAGES_STORAGE"],
  },
  synchronization: {
    type: "text",
    short: "S",
    value: "ADDRESS",
    help: "Where processes meet; :local only",
    env: ["WERF_SYNCHRONIZATION"],
  },
  "repo-implementation": planned("text", "Kind of registry", []),
  "stages-storage-repo-implementation": planned("text", "Kind of registry", []),
  "virtual-merge": planned("bool", "Build a merge that is not there yet", ["WERF_VIRTUAL_MERGE"]),
  "virtual-merge-from-commit": planned("text", "Commit to merge", ["WERF_VIRTUAL_MERGE_FROM_COMMIT"]),
  "virtual-merge-into-commit": planned("text", "Commit to merge into", ["WERF_VIRTUAL_MERGE_INTO_COMMIT"]),
  "git-unshallow": planned("bool", "Fetch the whole history of a shallow clone"),
  "allow-git-shallow-clone": {
    type: "bool",
    help: "Build from a shallow clone, without reuse by ancestry beyond its depth",
    env: ["WERF_ALLOW_GIT_SHALLOW_CLONE"],
  },
  "ssh-key": planned("list", "Key for remote repositories", ["WERF_SSH_KEY_*"]),
};

/** What reaches commands of a build beside the image: never part of a layer or of a signature. */
export const SANDBOX: FlagTable = {
  "build-ca-bundle": {
    type: "text",
    value: "PATH",
    help: "Certificates that build commands trust, such as a corporate CA",
    env: ["SLIPWAY_BUILD_CA_BUNDLE"],
  },
  "build-file": {
    type: "list",
    value: "SOURCE:TARGET",
    help: "File of this machine that build commands see read-only, such as pip.conf; may be repeated",
    env: ["SLIPWAY_BUILD_FILE_*"],
  },
  "build-env": {
    type: "list",
    value: "NAME=VALUE",
    help: "Variable that build commands see and no image keeps; may be repeated",
    env: ["SLIPWAY_BUILD_ENV_*"],
  },
};

export const PARALLEL: FlagTable = {
  parallel: {
    type: "bool",
    short: "p",
    default: "true",
    help: "Build images side by side",
    env: ["WERF_PARALLEL"],
  },
  "parallel-tasks-limit": {
    type: "int",
    default: "5",
    help: "How many images at the same time; 0 or less for no limit",
    env: ["WERF_PARALLEL_TASKS_LIMIT"],
  },
};

export const INTROSPECT: FlagTable = {
  "introspect-error": planned("bool", "Open a shell after a failed instruction"),
  "introspect-before-error": planned("bool", "Open a shell before a failed instruction"),
  "introspect-stage": planned("list", "Open a shell after a stage"),
};

export const IMAGES: FlagTable = {
  "images-repo": {
    type: "text",
    short: "i",
    value: "REPO",
    help: "Where images are published",
    env: ["WERF_IMAGES_REPO"],
  },
  "images-repo-mode": {
    type: "text",
    value: "auto|multirepo|monorepo",
    default: "auto",
    help: "A repository per image, or one with the image's name in the tag",
    env: ["WERF_IMAGES_REPO_MODE"],
  },
  "images-repo-implementation": planned("text", "Kind of registry", []),
};

export const TAGS: FlagTable = {
  "tag-by-stages-signature": {
    type: "bool",
    help: "Tag each image by the signature of its content",
    env: ["WERF_TAG_BY_STAGES_SIGNATURE"],
  },
  "tag-custom": {
    type: "list",
    value: "TAG",
    help: "Tag of your own; may be repeated",
    env: ["WERF_TAG_CUSTOM_*"],
  },
  "tag-git-branch": { type: "text", value: "TAG", help: "Tag by branch", env: ["WERF_TAG_GIT_BRANCH"] },
  "tag-git-tag": { type: "text", value: "TAG", help: "Tag by git tag", env: ["WERF_TAG_GIT_TAG"] },
  "tag-git-commit": { type: "text", value: "TAG", help: "Tag by commit", env: ["WERF_TAG_GIT_COMMIT"] },
  "publish-report-path": {
    type: "text",
    value: "PATH",
    help: "Write what was published as JSON",
    env: ["WERF_PUBLISH_REPORT_PATH"],
  },
  "publish-report-format": { type: "text", value: "json", default: "json", help: "Format of the report" },
};

export const KUBE: FlagTable = {
  "kube-config": {
    type: "text",
    value: "PATH",
    help: "Kubernetes configuration; a list joined by : merges",
    env: ["WERF_KUBE_CONFIG", "WERF_KUBECONFIG", "KUBECONFIG"],
  },
  "kube-config-base64": {
    type: "text",
    value: "DATA",
    help: "The configuration itself in base64",
    env: ["WERF_KUBE_CONFIG_BASE64", "WERF_KUBECONFIG_BASE64", "KUBECONFIG_BASE64"],
  },
  "kube-context": {
    type: "text",
    value: "NAME",
    help: "Context of the configuration",
    env: ["WERF_KUBE_CONTEXT"],
  },
};

export const RELEASE: FlagTable = {
  release: {
    type: "text",
    value: "NAME",
    help: "Release name; from werf.yaml unless told",
    env: ["WERF_RELEASE"],
  },
  namespace: {
    type: "text",
    value: "NAME",
    help: "Kubernetes namespace; from werf.yaml unless told",
    env: ["WERF_NAMESPACE"],
  },
};

export const VALUES: FlagTable = {
  "helm-chart-dir": {
    type: "text",
    value: "PATH",
    help: "Chart directory; .helm unless told",
    env: ["WERF_HELM_CHART_DIR"],
  },
  values: { type: "list", value: "PATH", help: "Values file; may be repeated", env: ["WERF_VALUES_*"] },
  set: { type: "list", value: "KEY=VALUE", help: "Set a chart value; may be repeated", env: ["WERF_SET_*"] },
  "set-string": {
    type: "list",
    value: "KEY=VALUE",
    help: "Set a chart value as text; may be repeated",
    env: ["WERF_SET_STRING_*"],
  },
  "secret-values": planned("list", "Encrypted values file", ["WERF_SECRET_VALUES_*"]),
  "ignore-secret-key": planned("bool", "Do not decrypt secrets", ["WERF_IGNORE_SECRET_KEY"]),
  "add-annotation": {
    type: "list",
    value: "KEY=VALUE",
    help: "Annotate every resource; may be repeated",
    env: ["WERF_ADD_ANNOTATION_*"],
  },
  "add-label": {
    type: "list",
    value: "KEY=VALUE",
    help: "Label every resource; may be repeated",
    env: ["WERF_ADD_LABEL_*"],
  },
};

export const DEPLOY: FlagTable = {
  timeout: {
    type: "duration",
    short: "t",
    value: "DURATION",
    help: "How long to wait until every resource is ready, in seconds or as 5m; 24 hours unless told",
    env: ["WERF_TIMEOUT"],
  },
  "releases-history-max": {
    type: "int",
    default: "0",
    help: "How many revisions are kept; 0 for all",
    env: ["WERF_RELEASES_HISTORY_MAX"],
  },
  "status-progress-period": {
    type: "int",
    default: "5",
    help: "Seconds between status tables; -1 for none",
    env: ["WERF_STATUS_PROGRESS_PERIOD_SECONDS", "WERF_STATUS_PROGRESS_PERIOD"],
  },
  "hooks-status-progress-period": {
    type: "int",
    default: "5",
    help: "Seconds between status tables of hooks; -1 for none",
    env: ["WERF_HOOKS_STATUS_PROGRESS_PERIOD_SECONDS", "WERF_HOOKS_STATUS_PROGRESS_PERIOD"],
  },
  "helm-release-storage-namespace": planned("text", "Namespace of Helm 2 releases", []),
  "helm-release-storage-type": planned("text", "Kind of Helm 2 releases", []),
  "three-way-merge-mode": {
    type: "text",
    value: "MODE",
    default: "enabled",
    help: "Accepted for old pipelines; the three-way merge is always on",
    env: ["WERF_THREE_WAY_MERGE_MODE"],
  },
};

/** Several tables as one. */
export function flags(...tables: readonly FlagTable[]): FlagTable {
  return Object.assign({}, ...tables) as FlagTable;
}
