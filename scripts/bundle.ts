/**
 * Makes the shipped program in dist/. slipway.cjs is one function that holds every part of the program as a function of its
 * own, which V8 compiles and Node runs when a command first needs it; Kubernetes' client, four times as large, is a file of its
 * own. bin/slipway.js says how it is started.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { type BuildOptions, type Metafile, type OutputFile, build, transform } from "esbuild";

const root = new URL("..", import.meta.url).pathname;
const manifest = (await import("../package.json", { with: { type: "json" } })).default;

const CLIENT = "@kubernetes/client-node";
const fresh = `${root}dist.${process.pid}`;
const common = {
  absWorkingDir: root,
  outdir: fresh,
  bundle: true,
  platform: "node",
  target: "node22.15",
  minify: true,
  legalComments: "none",
  logLevel: "warning",
} satisfies BuildOptions;

const { outputFiles, metafile } = await build({
  ...common,
  entryPoints: { main: "src/cli/main.ts" },
  define: { SLIPWAY_VERSION: JSON.stringify(manifest.version) },
  format: "esm",
  splitting: true,
  write: false,
  metafile: true,
  external: ["openpgp"],
  plugins: [
    {
      name: "client",
      setup: ({ onResolve }) =>
        onResolve({ filter: new RegExp(`^${CLIENT}$`) }, () => ({
          path: "./kubernetes-client.cjs",
          external: true,
        })),
    },
    {
      name: "required",
      // What is asked for by a call is part of the program too, and made at the call.
      setup: ({ onLoad }) =>
        onLoad({ filter: /\/src\/regexp\/re2\.ts$/ }, async ({ path }) => ({
          contents: (await readFile(path, "utf8")).replace("createRequire(import.meta.url)", "require"),
          loader: "ts",
        })),
    },
  ],
});
for (const path of Object.keys(metafile.outputs)) refuseCircles(metafile.outputs, [path]);
await mkdir(fresh, { recursive: true });
await writeFile(`${fresh}/slipway.cjs`, program(await Promise.all(outputFiles.map(part))));
await build({
  ...common,
  entryPoints: { "kubernetes-client": CLIENT },
  format: "cjs",
  outExtension: { ".js": ".cjs" },
});
// At once, for whoever runs the program meanwhile.
await rm(`${root}dist`, { recursive: true, force: true });
await rename(fresh, `${root}dist`);

interface Part {
  readonly name: string;
  readonly text: string;
}

/** A module that asks for others by require() and for nothing else. */
async function part({ path, text }: OutputFile): Promise<Part> {
  const supported = { "dynamic-import": false };
  const { code } = await transform(text, { format: "cjs", platform: "node", minify: true, supported });
  return { name: `./${basename(path)}`, text: code };
}

/** A part could not be given what one that is still running exports. */
function refuseCircles(outputs: Metafile["outputs"], path: readonly string[]): void {
  for (const { path: next, kind } of outputs[path.at(-1) ?? ""]?.imports ?? []) {
    if (kind !== "import-statement") continue;
    if (path.includes(next))
      throw new Error(`Parts ask for each other in a circle: ${[...path, next].join(" → ")}`);
    refuseCircles(outputs, [...path, next]);
  }
}

/**
 * What a part exports is final when it has run, so it is kept as plain properties, which are read faster than the getters of a
 * module. A switch makes only the parts that are asked for. The name of the build comes first, where bin/slipway.js looks
 * for it.
 */
function program(parts: readonly Part[]): string {
  const cases = parts.map(
    ({ name, text }) => `case ${JSON.stringify(name)}:return(module,require)=>{${text}};`,
  );
  const body = `"use strict";const make=(name)=>{switch(name){${cases.join("\n")}}},made={__proto__:null};
const get=(name)=>{const known=made[name];if(known!==undefined)return known;const part=make(name);if(part===undefined)return require(name);const module={};part(module,get);return made[name]={...module.exports}};
get("./main.js");`;
  const name = createHash("sha256").update(body).digest("hex").slice(0, 16);
  return `(function(require){/*${name}*/${body}})`;
}
