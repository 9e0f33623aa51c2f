import { join } from "node:path";
import { makeDirectory } from "#disk";
import { SlipwayError } from "#errors";
import type { ContainerConfig } from "#oci";
import type { SandboxMount, SandboxStep } from "#sandbox";
import type { DockerOptions, VolumeMapping } from "./docker-options.ts";

/** An image, ready to be run. */
export interface RunnableImage {
  /** As the user named it. */
  readonly name: string;
  readonly config: ContainerConfig;
  /** Unpacked layers, top first. */
  readonly lower: readonly string[];
}

/** Joins what the image says and what the user asks for, as `docker run` does. */
export async function containerStep(
  image: RunnableImage,
  options: DockerOptions,
  command: readonly string[],
  place: {
    readonly home: string;
    readonly directory: string;
    readonly id: string;
    readonly env: Readonly<Record<string, string | undefined>>;
  },
): Promise<SandboxStep> {
  const { config } = image;
  const entrypoint =
    options.entrypoint === undefined
      ? (config.Entrypoint ?? [])
      : options.entrypoint === ""
        ? []
        : [options.entrypoint];
  const words = command.length > 0 || options.entrypoint !== undefined ? command : (config.Cmd ?? []);
  const argv = [...entrypoint.filter((word) => word !== ""), ...words];
  if (argv.length === 0) {
    throw new SlipwayError("RUN_NO_COMMAND", `Cannot run ${image.name}: the image has no command`, {
      hint: "Give one after --",
    });
  }
  const hostname = place.id.slice(0, 12);
  const user = options.user ?? config.User;
  return {
    lower: image.lower,
    upper: join(place.directory, "upper"),
    work: join(place.directory, "work"),
    isKept: true,
    command: argv,
    env: {
      HOSTNAME: hostname,
      ...(options.hasTerminal ? { TERM: "xterm" } : {}),
      ...variables(config.Env ?? [], {}),
      ...variables(options.env, place.env),
    },
    cwd:
      options.workingDirectory ??
      (config.WorkingDir === undefined || config.WorkingDir === "" ? "/" : config.WorkingDir),
    mounts: await Promise.all(options.volumes.map((volume, index) => volumeMount(volume, index, place))),
    network: options.network === "host" ? "host" : "own",
    hostname,
    ...(user === undefined ? {} : { user }),
  };
}

function variables(
  list: readonly string[],
  given: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const item of list) {
    const end = item.indexOf("=");
    const value = end < 0 ? given[item] : item.slice(end + 1);
    if (value !== undefined) result[end < 0 ? item : item.slice(0, end)] = value;
  }
  return result;
}

/** A directory of this machine is made when it is not there; named volumes live in slipway's home. */
async function volumeMount(
  volume: VolumeMapping,
  index: number,
  place: { home: string; directory: string },
): Promise<SandboxMount> {
  const { source: given, target, isReadOnly: readOnly } = volume;
  const named =
    given === undefined
      ? join(place.directory, "volumes", String(index))
      : join(place.home, "volumes", given);
  const source = given?.startsWith("/") === true ? given : named;
  await makeDirectory(source).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
  return { source, target, readOnly };
}
