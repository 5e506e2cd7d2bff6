export { namedContextComments } from "./named";
export {
    ContextError,
    type ContextFailure,
    type OpenedContext,
    openContext,
    openFolder,
} from "./open";
export { type Slice, sliceContext, wholeChosen } from "./slice";
export { SlicePolicy } from "./slicePolicy";
export type { ContextTree } from "./tree";
export { type WriteOptions, writeSlice } from "./write";
