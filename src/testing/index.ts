/** Parts for tests only: a registry that is strict, and that fails when told to; broken texts that are the same each time. */
export { startTestRegistry, type Fault, type TestRegistry } from "./registry.ts";
export { mutatedBytes, mutatedText, seeded } from "./mutations.ts";
