#!/usr/bin/env node
// Plain JavaScript that any Node can read: it looks at Node's version before newer syntax is loaded.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 15)) {
  process.stderr.write(
    `slipway needs Node 22.15 or later, and this is ${process.version}: install a newer Node (nodejs.org) and run the command again\n`,
  );
  process.exitCode = 1;
} else {
  process.getBuiltinModule("node:module").enableCompileCache();
  import("../dist/main.js").catch((error) => {
    if (error?.code !== "ERR_MODULE_NOT_FOUND" || !String(error.message).includes("dist/main.js"))
      throw error;
    process.stderr.write('slipway is not built yet: run "npm run bundle" in its checkout\n');
    process.exitCode = 1;
  });
}
