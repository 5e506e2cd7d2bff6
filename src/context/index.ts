export { ContextError, type ContextFailure } from "./failure";
export { isFolderContext, namedContextComments } from "./named";
export { type OpenedContext, type OpenOptions, openContext, openFolder } from "./open";
export { type Slice, sliceContext, wholeChosen } from "./slice";
export { SlicePolicy } from "./slicePolicy";
export type { ContextTree } from "./tree";
export { ContextTrees } from "./trees";
export { type WriteOptions, writeSlice } from "./write";
