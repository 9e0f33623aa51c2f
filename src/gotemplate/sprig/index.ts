/** Sprig: the functions that Helm and werf.yaml templates have besides those of Go, by theme. */
export { sprigFunctions, type SprigOptions } from "./functions.ts";
