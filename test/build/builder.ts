/** Builds a project and says each stage as it is stored; a process that a test may kill. Arguments: DIRECTORY HOME. */
import { build } from "./fixture.ts";

const [directory = "", home = ""] = process.argv.slice(2);
const built = await build(directory, home, {
  events: (event) => {
    if (event.type === "started" || event.type === "log") {
      process.stdout.write(`${event.type} ${event.path.at(-1)} ${event.type === "log" ? event.text : ""}\n`);
    }
  },
});
process.stdout.write(`done ${built.images.map((image) => image.contentSignature).join(" ")}\n`);
