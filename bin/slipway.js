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
  const places = keptCode();
  const place = places.find((one) => (one.code = readOwn(one.file)) !== undefined);
  const cachedData = place && place.code;
  const script = new (require("node:vm").Script)(source, { filename: program, cachedData });
  script.runInThisContext()((name) => require(name.startsWith("./") ? `../dist/${name}` : name));
  const isTaken = cachedData !== undefined && !script.cachedDataRejected;
  if (places.length === 0 || (isTaken && place === places[0])) return;
  process.on("exit", (code) => {
    // V8 lets go of what a long run has not used for a while, which is what the next one begins with.
    const { user, system } = process.cpuUsage();
    if (code !== 0 || user + system > 2e6) return;
    const stale = places.filter((one) => one.code === undefined || !isTaken);
    require("./keep-code.js").keep(stale, build, script.createCachedData());
  });

  /**
   * Where code is, the best first: what the same command compiled for the same chart or project, since each needs other
   * functions, or else for another. None where there is no place for it.
   */
  function keptCode() {
    const { argv, env } = process;
    const words = argv.slice(2, argv[2] === "helm" ? 4 : 3);
    const home = env.XDG_CACHE_HOME || (env.HOME && path.join(env.HOME, ".cache"));
    if (!home || env.NODE_DISABLE_COMPILE_CACHE || argv.includes("--help") || argv.includes("-h")) return [];
    if (!words.every((word) => /^[a-z-]{1,20}$/.test(word))) return [];
    const general = [...words, build, process.version, process.arch].join("_");
    const names = argv.filter(
      (word, at) => at > 1 && !word.startsWith("-") && !/^-[^=]*$/.test(argv[at - 1]),
    );
    let sum = 0x811c9dc5;
    for (const c of Buffer.from([env.PWD, ...names].join("\n"))) sum = Math.imul(sum ^ c, 0x01000193);
    const own = `${general}_${(sum >>> 0).toString(16)}`;
    return [own, general].map((name) => ({ file: path.join(home, "slipway/code", name) }));
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
          ? codeIn(fs.readFileSync(descriptor), path.basename(file))
          : undefined;
      } finally {
        fs.closeSync(descriptor);
      }
    } catch {
      return undefined;
    }
  }

  /** The code, its copy and the name of its file, so that no file passes for another. */
  function codeIn(content, name) {
    const end = content.length - name.length;
    const half = end / 2;
    const isWhole =
      Number.isInteger(half) &&
      half > 0 &&
      content.toString("latin1", end) === name &&
      content.compare(content, half, end, 0, half) === 0;
    return isWhole ? content.subarray(0, half) : undefined;
  }
}
