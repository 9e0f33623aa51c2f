"use strict";
const fs = require("node:fs");
const path = require("node:path");

/** Files of one command, each for another chart or project, that are kept. */
const MOST = 16;
const MONTH_MS = 30 * 24 * 3600 * 1000;

/** Writes the code where slipway.js looks for it, and removes what is many or long gone. */
exports.keep = (places, build, code) => {
  const directory = path.dirname(places[0].file);
  try {
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
    const found = fs.lstatSync(directory);
    if (!found.isDirectory() || found.uid !== process.getuid() || (found.mode & 0o022) !== 0) return;
    for (const { file } of places) writeWhole(file, [code, code, Buffer.from(path.basename(file))]);
    removeOld(directory, build);
  } catch {
    // A home that cannot be written to costs some milliseconds at each start and nothing else.
  }
};

function writeWhole(file, parts) {
  const fresh = `${file}.${process.pid}`;
  try {
    fs.writeFileSync(fresh, Buffer.concat(parts), { mode: 0o600, flag: "wx" });
    fs.renameSync(fresh, file);
  } catch (error) {
    fs.rmSync(fresh, { force: true });
    throw error;
  }
}

/** Removes the files of builds of the program that nobody has used for long, and of this one those beyond the newest. */
function removeOld(directory, build) {
  const byCommand = new Map();
  for (const name of fs.readdirSync(directory)) {
    const parts = /^(.*?)([0-9a-f]{16})_v[0-9.]+_[a-z0-9]+(_[0-9a-f]{1,8})?(\.\d+)?$/.exec(name);
    if (parts === null) continue;
    const [, command, itsBuild, isOwn, isUnfinished] = parts;
    const file = path.join(directory, name);
    const { mtimeMs } = fs.lstatSync(file);
    if (itsBuild !== build || isUnfinished) {
      if (mtimeMs < Date.now() - MONTH_MS) fs.rmSync(file);
    } else if (isOwn) byCommand.set(command, [...(byCommand.get(command) || []), { file, mtimeMs }]);
  }
  for (const files of byCommand.values()) {
    for (const { file } of files.sort((a, b) => b.mtimeMs - a.mtimeMs).slice(MOST)) fs.rmSync(file);
  }
}
