import { userStages, type StapelImage, type UserStage } from "./project.ts";

/**
 * The chain of images that a section with `asLayers: true` becomes: each built on the one before, the last with the section's
 * own name. Steps without work are left out.
 *
 * @see werf 1.1, `asLayers`
 */
export function asLayers(image: StapelImage): readonly StapelImage[] {
  const steps = [
    ...instructions(image, "beforeInstall"),
    ...(image.git.length > 0 ? [{ name: "git", change: { git: image.git } }] : []),
    ...imports(image, "before", "install", "before-install-artifacts"),
    ...instructions(image, "install"),
    ...imports(image, "after", "install", "after-install-artifacts"),
    ...instructions(image, "beforeSetup"),
    ...imports(image, "before", "setup", "before-setup-artifacts"),
    ...instructions(image, "setup"),
  ];
  const bare: StapelImage = {
    ...image,
    git: [],
    shell: undefined,
    ansible: undefined,
    docker: undefined,
    imports: [],
    fromCacheVersion: undefined,
    fromLatest: false,
  };
  const [afterSetup] = imports(image, "after", "setup", "");
  const chain = [
    ...steps.map((step) => ({ ...bare, ...step.change, name: layerName(image.name, step.name) })),
    { ...bare, ...afterSetup?.change, docker: image.docker, name: image.name },
  ];
  return chain.map((layer, index) => {
    const below = chain[index - 1];
    if (below === undefined) {
      return { ...layer, fromCacheVersion: image.fromCacheVersion, fromLatest: image.fromLatest };
    }
    return { ...layer, base: { kind: image.isArtifact ? "artifact" : "image", name: below.name } as const };
  });
}

interface Step {
  readonly name: string;
  readonly change: Partial<StapelImage>;
}

function layerName(image: string, step: string): string {
  return image === "" ? step : `${image}-${step}`;
}

function instructions(image: StapelImage, stage: UserStage): readonly Step[] {
  const name = stage.toLowerCase();
  const shell = image.shell?.commands[stage] ?? [];
  const ansible = image.ansible?.tasks[stage] ?? [];
  const none = perStage(() => undefined);
  return [
    ...shell.map((command, index) => ({
      name: `${name}-${index}`,
      change: {
        shell: {
          commands: perStage((other): string[] => (other === stage ? [command] : [])),
          cacheVersion: undefined,
          stageCacheVersions: none,
        },
      },
    })),
    ...ansible.map((task, index) => ({
      name: `${name}-${index}`,
      change: {
        ansible: {
          tasks: perStage((other): unknown[] => (other === stage ? [task] : [])),
          cacheVersion: undefined,
          stageCacheVersions: none,
        },
      },
    })),
  ];
}

function imports(
  image: StapelImage,
  order: "before" | "after",
  stage: "install" | "setup",
  name: string,
): readonly Step[] {
  const chosen = image.imports.filter((one) => one.when.order === order && one.when.stage === stage);
  return chosen.length === 0 ? [] : [{ name, change: { imports: chosen } }];
}

function perStage<T>(value: (stage: UserStage) => T): Record<UserStage, T> {
  return Object.fromEntries(userStages.map((stage) => [stage, value(stage)])) as Record<UserStage, T>;
}
