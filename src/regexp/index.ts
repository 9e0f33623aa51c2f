/**
 * Regular expressions as Go has them: RE2 syntax, linear time, Go's error texts.
 *
 * @see https://pkg.go.dev/regexp
 */
export { compileRegexp, quoteMeta, type GoRegexp } from "./go-regexp.ts";
