"use strict";
const fs = require("node:fs");
const path = require("node:path");

/** Writes the code for slipway.js to find, and removes what builds of the program left that are long gone. */
exports.keep = (file, build, code) => {
  const directory = path.dirname(file);
  const fresh = `${file}.${process.pid}`;
  try {
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
    const found = fs.lstatSync(directory);
    if (!found.isDirectory() || found.uid !== process.getuid() || (found.mode & 0o022) !== 0) return;
    try {
      const content = Buffer.concat([code, code, Buffer.from(path.basename(file))]);
      fs.writeFileSync(fresh, content, { mode: 0o600, flag: "wx" });
      fs.renameSync(fresh, file);
    } catch (error) {
      fs.rmSync(fresh, { force: true });
      throw error;
    }
    removeOld(directory, build);
  } catch {
    // A home that cannot be written to costs some milliseconds at each start and nothing else.
  }
};

function removeOld(directory, build) {
  const longAgo = Date.now() - 30 * 24 * 3600 * 1000;
  for (const name of fs.readdirSync(directory)) {
    const [, other, unfinished] = /(?:^|_)([0-9a-f]{16})_v[0-9.]+_\w+(\.\d+)?$/.exec(name) || [];
    if (other === undefined || (other === build && unfinished === undefined)) continue;
    const file = path.join(directory, name);
    if (fs.lstatSync(file).mtimeMs < longAgo) fs.rmSync(file);
  }
}
