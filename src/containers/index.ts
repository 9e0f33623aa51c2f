/**
 * Containers of this machine without a daemon: runContainer() starts one of an image, in the foreground or kept by a
 * supervisor process of its own (superviseContainer()); listContainers(), containerLogs(), stopContainer() and
 * removeContainer() work on what was started, by the records in slipway's home. parseDockerOptions() reads `docker run`'s words;
 * whatNetworkLacks() is for whoever asks before.
 */
export {
  parseDockerOptions,
  type DockerOptions,
  type PortMapping,
  type RestartPolicy,
  type VolumeMapping,
} from "./docker-options.ts";
export type { RunnableImage } from "./container-step.ts";
export { runContainer, type RunContainerOptions, type StartedContainer } from "./run-container.ts";
export { superviseContainer } from "./supervise.ts";
export {
  containerLogs,
  directoriesInUse,
  listContainers,
  removeContainer,
  stopContainer,
  type ContainerSummary,
} from "./manage.ts";
export type { LogLine } from "./log-file.ts";
export { whatNetworkLacks } from "./network.ts";
