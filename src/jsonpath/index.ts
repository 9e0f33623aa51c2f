/**
 * The templates that `--jsonpath` takes, as Kubernetes' clients read them: texts with expressions in braces. A template
 * is read once (parseJsonPath) and filled with values (printJsonPath).
 *
 * @see https://kubernetes.io/docs/reference/kubectl/jsonpath, client-go 0.37
 */
export { JsonPathSyntaxError, parseJsonPath, type Step, type Template } from "./parse.ts";
export { JsonPathFailure, printJsonPath } from "./print.ts";
