/**
 * Makes the shipped program in dist/. slipway.cjs is one function that holds every part of the program as a function of its
 * own, which V8 compiles and Node runs when a command first needs it; Kubernetes' client, four times as large, is a file of its
 * own. bin/slipway.js says how it is started.
 */
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, relative } from "node:path";
import { Script } from "node:vm";
import { type BuildOptions, type Metafile, type OutputFile, build } from "esbuild";

const root = new URL("..", import.meta.url).pathname;
const manifest = (await import("../package.json", { with: { type: "json" } })).default;

const CLIENT = "@kubernetes/client-node";
const fresh = `${root}dist.${process.pid}`;
/** An import as esbuild writes it. */
const IMPORT = /(?<![\w$.])import(?: ?([\w$]+),?)?(?:\{([^}]*)\}|\*as ([\w$]+))?(?: ?from)?"([^"]+)";/g;
const EXPORT = /export\{([^}]*)\};\s*$/;

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
await writeFile(`${fresh}/slipway.cjs`, program(outputFiles.map(part)));
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
  /** The body of a function that is given `get`, for other parts, and `load`, for those wanted later, and returns its exports. */
  readonly body: string;
}

/**
 * What a part exports is final when it has run, so it takes what it needs from the others once, by value; a part that it
 * imports for nothing is not its own to make.
 */
function part({ path, text }: OutputFile): Part {
  const found = new Set<string>();
  let head = "";
  const rest = text
    .replaceAll(/\bimport\("([^"]+)"/g, (_, from: string) => `load("${found.add(from) && from}"`)
    .replaceAll(IMPORT, (_, byDefault?: string, names?: string, namespace?: string, from = "") => {
      for (const name of [byDefault, namespace])
        if (name !== undefined) head += `const ${name}=get("${from}");`;
      if (names !== undefined) head += `const{${names.replaceAll(" as ", ":")}}=get("${from}");`;
      found.add(from);
      return "";
    });
  const missed = metafile.outputs[relative(root, path)]?.imports.find(
    (one) => one.external !== true && !found.has(`./${basename(one.path)}`),
  );
  if (missed !== undefined) throw new Error(`${path} imports ${missed.path} in a way that is not known here`);
  const pairs = EXPORT.exec(rest)?.[1]
    ?.split(",")
    .map((pair) => pair.split(" as ").reverse().join(":"));
  const body = `${head}${rest.replace(EXPORT, "")}return{${pairs?.join(",") ?? ""}};`;
  return { name: `./${basename(path)}`, body };
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
 * A switch takes less to make than an object of so many parts. The name of the build comes first, where bin/slipway.js looks for it.
 */
function program(parts: readonly Part[]): string {
  const functions = parts.map(({ body }, at) => `function part${at}(){${body}}`);
  const cases = parts.map(({ name }, at) => `case ${JSON.stringify(name)}:return part${at};`);
  const text = `"use strict";${functions.join("\n")}
const part=(name)=>{switch(name){${cases.join("")}}},made={__proto__:null};
const get=(name)=>made[name]??=(part(name)??(()=>require(name)))();
const load=async(name)=>get(name);
get("./main.js");`;
  // What is left of an import, which only a module may have, ends here.
  new Script(text);
  const name = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return `(function(require){/*${name}*/${text}})`;
}
