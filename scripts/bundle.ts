/** Makes the shipped program in dist/: a small entry and chunks that are loaded when a command needs them. */
import { rename, rm } from "node:fs/promises";
import { build } from "esbuild";

const root = new URL("..", import.meta.url).pathname;
const manifest = (await import("../package.json", { with: { type: "json" } })).default;

const fresh = `dist.${process.pid}`;
await build({
  absWorkingDir: root,
  entryPoints: { main: "src/cli/main.ts" },
  outdir: fresh,
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node22.15",
  minify: true,
  sourcemap: "linked",
  sourcesContent: false,
  legalComments: "none",
  define: { SLIPWAY_VERSION: JSON.stringify(manifest.version) },
  external: ["openpgp"],
  banner: {
    js: 'const require=(name)=>process.getBuiltinModule("node:module").createRequire(import.meta.url)(name);',
  },
  logLevel: "warning",
});
// At once, for whoever runs the program meanwhile.
await rm(`${root}dist`, { recursive: true, force: true });
await rename(`${root}${fresh}`, `${root}dist`);
