import { superviseContainer } from "#containers";

/** What the hidden command of the command line does. */
await superviseContainer(process.argv[2] ?? "");
