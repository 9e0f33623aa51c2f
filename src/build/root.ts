import { unpackLayers, type ContentStore, type Registry } from "#oci";
import { RootView } from "./root-view.ts";
import type { StageLayer } from "./stage.ts";

/** Where layers are, and where those come from that are not there. */
export interface Storehouse {
  readonly store: ContentStore;
  readonly registry: Registry;
  readonly signal: AbortSignal;
}

/** A root file system made of layers: directories for overlayfs, top first, and a look into it. */
export interface Root {
  readonly directories: readonly string[];
  readonly view: RootView;
}

/** Unpacks what is not unpacked yet, fetching what is not here. */
export async function rootOf(
  layers: readonly StageLayer[],
  { store, registry, signal }: Storehouse,
): Promise<Root> {
  const directories = await unpackLayers(
    store,
    layers.map(({ layer }) => layer),
    { signal, fetch: (layer) => registry.readLayer(layer, store, { signal }) },
  );
  const opaque = new Map(
    layers.map((one) =>
      one.source === "commands" ? [store.treePath(one.layer.tree), one.opaqueDirectories] : ["", []],
    ),
  );
  return {
    directories,
    view: new RootView(
      directories,
      directories.map((directory) => opaque.get(directory) ?? []),
    ),
  };
}
