/**
 * Files that survive a crash: a write is whole or absent (writeAtomically), a lock is gone with its process (withLock),
 * and a scratch directory is removed when its user is done (scratchDirectory). makeDirectory() makes whole paths.
 */
export { makeDirectory } from "./directory.ts";
export { writeAtomically, readIfExists, exists } from "./atomic.ts";
export { withLock, type LockOptions } from "./lock.ts";
export { scratchDirectory, type ScratchDirectory } from "./scratch.ts";
export { pathBytes, pathText } from "./path-text.ts";
