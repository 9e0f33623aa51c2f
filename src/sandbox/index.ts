/**
 * A command in a root filesystem: overlayfs, namespaces and util-linux, no daemon and no helper program of our own.
 * runInSandbox() runs one step of a build and says what became of it; startSandbox() hands out the running command, for
 * containers; userNamespaceCommand() is how a user without root comes to the same; probeSandbox() says what a machine lacks.
 */
export type { SandboxFile, SandboxMount, SandboxResult, SandboxSettings, SandboxStep } from "./step.ts";
export { runInSandbox, type RunInSandboxOptions } from "./run.ts";
export { startSandbox, type RunningSandbox, type StartSandboxOptions } from "./start.ts";
export { assertUserNamespaces, isInUserNamespace, userNamespaceCommand } from "./user-namespace.ts";
export { probeSandbox, type SandboxFinding } from "./probe.ts";
