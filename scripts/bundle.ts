/**
 * Makes the shipped program in dist/: one function in one file, whose parts are run when a command needs them, and Kubernetes'
 * client, four times as large, in a file of its own. bin/slipway.js says how it is started.
 */
import { createHash } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { type BuildOptions, build } from "esbuild";

const root = new URL("..", import.meta.url).pathname;
const manifest = (await import("../package.json", { with: { type: "json" } })).default;

const fresh = `dist.${process.pid}`;
/** Place of the build's own name, which bin/slipway.js looks for. */
const UNKNOWN = "0".repeat(16);
const client = "@kubernetes/client-node";
const common: BuildOptions = {
  absWorkingDir: root,
  outdir: fresh,
  outExtension: { ".js": ".cjs" },
  bundle: true,
  format: "cjs",
  platform: "node",
  target: "node22.15",
  minify: true,
  sourcemap: "linked",
  sourcesContent: false,
  legalComments: "none",
  logLevel: "warning",
};
await build({
  ...common,
  entryPoints: { slipway: "src/cli/main.ts" },
  define: { SLIPWAY_VERSION: JSON.stringify(manifest.version) },
  supported: { "dynamic-import": false },
  external: ["openpgp"],
  banner: { js: `(function(require){/*${UNKNOWN}*/` },
  footer: { js: "})" },
  plugins: [
    {
      name: "client",
      setup: ({ onResolve }) =>
        onResolve({ filter: new RegExp(`^${client}$`) }, () => ({
          path: "./kubernetes-client.cjs",
          external: true,
        })),
    },
  ],
});
const program = `${root}${fresh}/slipway.cjs`;
const text = await readFile(program, "utf8");
const name = createHash("sha256").update(text).digest("hex").slice(0, UNKNOWN.length);
await writeFile(program, text.replace(UNKNOWN, name));
await build({ ...common, entryPoints: { "kubernetes-client": client } });
// At once, for whoever runs the program meanwhile.
await rm(`${root}dist`, { recursive: true, force: true });
await rename(`${root}${fresh}`, `${root}dist`);
