export { namedContextComments } from "./named";
export {
    ContextError,
    type ContextFailure,
    type OpenedContext,
    openContext,
    openFolder,
} from "./open";
export { type Slice, sliceContext } from "./slice";
export type { ContextTree } from "./tree";
export { type WriteOptions, writeSlice } from "./write";
