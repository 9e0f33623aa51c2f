/**
 * Semantic versions as Helm reads them: a version may lack its minor and patch part and may begin with `v`
 * (parseVersion), or must be complete (parseStrictVersion); a constraint says which versions will do (parseConstraint).
 *
 * @see https://pkg.go.dev/github.com/Masterminds/semver/v3 whose results and error texts these are
 */
export { compareVersions, parseStrictVersion, parseVersion, Version, VersionError } from "./version.ts";
export { Constraint, parseConstraint } from "./constraint.ts";
