export { ContextError, type ContextFailure } from "./failure";
export { findPlantedRepository } from "./gitFolder";
export { type OpenedContext, type OpenOptions, openContext, openFolder } from "./open";
export { isRemoteContext, remoteTree } from "./remote";
export type { ContextTree } from "./tree";
export { ContextTrees } from "./trees";
