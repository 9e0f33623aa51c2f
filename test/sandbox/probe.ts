import { probeSandbox } from "#sandbox";

/** `probe.ts DIRECTORY USER UID`: what probeSandbox() says to whoever runs this. */
const [directory = "", name = "", uid = ""] = process.argv.slice(2);
process.stdout.write(JSON.stringify(await probeSandbox(directory, { name, uid: Number(uid) })));
