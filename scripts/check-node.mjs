// Plain JavaScript that any Node can read: says what to do before newer syntax is loaded.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 15)) {
  console.error(
    `This needs Node 22.15 or later, and this is ${process.version}: run "npm ci", which brings Node 24, and call it through npm run`,
  );
  process.exit(process.argv.includes("--quiet") ? 1 : 2);
}
