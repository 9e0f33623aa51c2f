/** Parts for tests only: a registry that is strict, and that fails when told to. */
export { startTestRegistry, type Fault, type TestRegistry } from "./registry.ts";
