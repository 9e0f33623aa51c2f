import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { localStages, type StagesStorage } from "#build";
import { SlipwayError } from "#errors";
import type { EventSink } from "#events";
import { openRepository, type Repository } from "#git";
import { openHttp } from "#http";
import { openContentStore, openRegistry, type ContentStore, type Registry } from "#oci";
import type { Project } from "#project";
import type { SandboxSettings } from "#sandbox";

/** What the use cases need to know of the user, the machine and the command line. */
export interface Settings {
  /** slipway's own home: `store/`, `stages/`, `locks/`, `containers/`. */
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  readonly version: string;
  readonly dockerConfig: string | undefined;
  readonly insecureRegistry: boolean;
  readonly skipTlsVerify: boolean;
  readonly registryMirrors: Readonly<Record<string, readonly string[]>>;
  readonly stagesStorage: string | undefined;
  readonly allowShallowClone: boolean;
  readonly sandbox: SandboxSettings;
  readonly events: EventSink;
  readonly signal: AbortSignal;
  readonly now: () => Date;
}

/** The open parts that a build or a publish works with. */
export interface Workplace extends AsyncDisposable {
  readonly project: Project;
  readonly repository: Repository;
  readonly store: ContentStore;
  readonly storage: StagesStorage;
  readonly registry: Registry;
}

/**
 * Opens the repository of a project, the stages storage, the content store and the registries.
 *
 * @throws {SlipwayError} STAGES_STORAGE when none is named or it is of a kind that is not built, GIT_NO_REPOSITORY,
 *   GIT_SHALLOW.
 */
export async function openWorkplace(project: Project, settings: Settings): Promise<Workplace> {
  checkStagesStorage(settings.stagesStorage);
  const repository = await openRepository(project.directory, { env: settings.env, signal: settings.signal });
  if (repository.isShallow && !settings.allowShallowClone) {
    await repository[Symbol.asyncDispose]();
    throw new SlipwayError(
      "GIT_SHALLOW",
      `The clone at ${repository.workTree} is shallow, so which stages fit its history cannot be told`,
      {
        hint: "Run git fetch --unshallow, or allow it: --allow-git-shallow-clone",
      },
    );
  }
  const { store, registry, close } = await openContent(settings);
  return {
    project,
    repository,
    store,
    registry,
    storage: localStages(join(settings.home, "stages")),
    async [Symbol.asyncDispose]() {
      close();
      await repository[Symbol.asyncDispose]();
    },
  };
}

async function openContent(
  settings: Settings,
): Promise<{ store: ContentStore; registry: Registry; close: () => void }> {
  const store = await openContentStore(join(settings.home, "store"));
  const caPath = settings.env["SSL_CERT_FILE"];
  const ca =
    caPath === undefined || caPath === "" ? undefined : await readFile(caPath, "utf8").catch(() => undefined);
  const http = openHttp({
    env: settings.env,
    userAgent: `slipway/${settings.version}`,
    skipTlsVerify: settings.skipTlsVerify,
    ...(ca === undefined ? {} : { ca }),
  });
  const registry = openRegistry({
    http,
    loginFiles: settings.dockerConfig === undefined ? [] : [join(settings.dockerConfig, "config.json")],
    mirrors: settings.registryMirrors,
    insecure: settings.insecureRegistry,
    env: settings.env,
  });
  return { store, registry, close: () => http[Symbol.dispose]() };
}

function checkStagesStorage(address: string | undefined): void {
  if (address === ":local") return;
  if (address === undefined) {
    throw new SlipwayError("STAGES_STORAGE", "--stages-storage=ADDRESS param required", {
      hint: "Say where stages are kept: --stages-storage :local, or $WERF_STAGES_STORAGE",
    });
  }
  throw new SlipwayError(
    "STAGES_STORAGE",
    `The stages storage ${address} is a registry, which is not built yet`,
    {
      hint: "Use --stages-storage :local",
    },
  );
}
