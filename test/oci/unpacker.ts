/** Pulls and unpacks an image into a store; a process that a test may kill. Arguments: STORE IMAGE MIRROR. */
import { openHttp } from "#http";
import { openContentStore, openRegistry, parseReference, unpackLayers } from "#oci";

const [directory = "", name = "", mirror = ""] = process.argv.slice(2);
const store = await openContentStore(directory);
using http = openHttp({ env: {} });
const registry = openRegistry({ http, env: {}, mirrors: { "docker.io": [`http://${mirror}`] } });
const image = await registry.pull(parseReference(name), store, { layers: "later" });
const [tree] = await unpackLayers(store, image.layers, {
  fetch: (layer) => registry.readLayer(layer, store),
});
process.stdout.write(`${tree}\n`);
