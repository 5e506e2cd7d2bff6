export { ContextError, type ContextFailure } from "./failure";
export { type OpenedContext, type OpenOptions, openContext, openFolder } from "./open";
export type { ContextTree } from "./tree";
export { ContextTrees } from "./trees";
