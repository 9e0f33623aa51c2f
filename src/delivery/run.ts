import { rootOf } from "#build";
import type { RunnableImage } from "#containers";
import { shownName } from "#project";
import { builtBefore, onlyImage } from "./build.ts";
import type { Settings, Workplace } from "./workplace.ts";

/**
 * A built image, unpacked and ready to be run on this machine.
 *
 * @throws {SlipwayError} BUILD_STAGES_REQUIRED when it was not built at this commit, IMAGE_REQUIRED when none is named.
 */
export async function prepareRun(
  place: Workplace,
  settings: Settings,
  name: string | undefined,
): Promise<RunnableImage> {
  const wanted = onlyImage(place.project, name);
  const images = await builtBefore(place, settings, [wanted]);
  const image = images.find((one) => shownName(one.name) === wanted);
  if (image === undefined) throw new Error(`Image ${wanted} was planned and is not there`);
  const house = { store: place.store, registry: place.registry, signal: settings.signal };
  const { directories } = await rootOf(image.record.image.layers, house);
  const { config } = image.record.image.config;
  return { name: `${place.project.name}/${wanted}`, config, lower: directories };
}
