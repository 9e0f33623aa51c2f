#!/usr/bin/env node
// Plain JavaScript that any Node can read: it looks at Node's version before newer syntax is loaded.
"use strict";
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 15)) {
  process.stderr.write(
    `slipway needs Node 22.15 or later, and this is ${process.version}: install a newer Node (nodejs.org) and run the command again\n`,
  );
  process.exitCode = 1;
} else {
  start();
}

/** Runs the program from one file, with the code that V8 made of it when the same command was last compiled. */
function start() {
  const fs = require("node:fs");
  const path = require("node:path");
  const program = path.join(__dirname, "../dist/slipway.cjs");
  let source;
  try {
    // ASCII by the bundler's doing, so that V8 keeps one byte a character.
    source = fs.readFileSync(program, "latin1");
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    process.stderr.write('slipway is not built yet: run "npm run bundle" in its checkout\n');
    process.exitCode = 1;
    return;
  }
  // The bundler writes it first: V8 itself tells two sources apart by their lengths alone.
  const build = /[0-9a-f]{16}/.exec(source.slice(0, 100))[0];
  const kept = process.env.NODE_DISABLE_COMPILE_CACHE ? undefined : keptCode();
  const cachedData = kept && readOwn(kept);
  const script = new (require("node:vm").Script)(source, { filename: program, cachedData });
  script.runInThisContext()((name) => require(name.startsWith("./") ? `../dist/${name}` : name));
  if (kept === undefined || (cachedData !== undefined && !script.cachedDataRejected)) return;
  process.on("exit", (code) => {
    if (code === 0) require("./keep-code.js").keep(kept, build, script.createCachedData());
  });

  /** One file for each command, since each compiles other functions; undefined where there is no place for it. */
  function keptCode() {
    const words = process.argv.slice(2, process.argv[2] === "helm" ? 4 : 3);
    const home = process.env.XDG_CACHE_HOME || (process.env.HOME && path.join(process.env.HOME, ".cache"));
    if (!home || !words.every((word) => /^[a-z-]{1,20}$/.test(word))) return undefined;
    if (process.argv.includes("--help") || process.argv.includes("-h")) return undefined;
    const name = [...words, build, process.version, process.arch].join("_");
    return path.join(home, "slipway/code", name);
  }

  /**
   * Code is run unread: V8 crashes on a single wrong bit, and does what another user's code says. So it is kept twice
   * in one file, which is compared faster than any sum is made, and taken only where nobody else could have written it.
   */
  function readOwn(file) {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
    try {
      const descriptor = fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
      try {
        const found = fs.fstatSync(descriptor);
        return found.isFile() && found.uid === process.getuid() && (found.mode & 0o022) === 0
          ? codeIn(fs.readFileSync(descriptor))
          : undefined;
      } finally {
        fs.closeSync(descriptor);
      }
    } catch {
      return undefined;
    }
  }

  /** The code, its copy and the name of its file, so that no file passes for another. */
  function codeIn(content) {
    const end = content.length - path.basename(kept).length;
    const half = end / 2;
    const isWhole =
      Number.isInteger(half) &&
      half > 0 &&
      content.toString("latin1", end) === path.basename(kept) &&
      content.compare(content, half, end, 0, half) === 0;
    return isWhole ? content.subarray(0, half) : undefined;
  }
}
