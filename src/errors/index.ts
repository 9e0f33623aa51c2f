/**
 * One shape of error for every room: a stable code, one sentence, a hint, a cause, and, when the error is about a
 * file that a person wrote, the place in it. Anything thrown that is not a SlipwayError is a defect of slipway.
 */
export { SlipwayError, errorChain, type ErrorOptions, type SourcePlace } from "./slipway-error.ts";
export { sourceFrame } from "./source-frame.ts";
export { redact, redactUrl } from "./redact.ts";
export { nearest } from "./nearest.ts";
