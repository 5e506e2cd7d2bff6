export { sliceDigest } from "./digest";
export { namedContextComments } from "./named";
export {
    ContextError,
    type ContextFailure,
    describeContextFailure,
    type OpenedContext,
    openContext,
    openFolder,
} from "./open";
export { type Selection, selectAll } from "./select";
export { type ContextSize, type SizeLimits, sizeOf } from "./size";
export { type Slice, type SliceRequest, sliceContext } from "./slice";
export type { ContextTree, TreeNode, TreeOptions } from "./tree";
export { type WriteOptions, type WrittenSlice, writeSlice } from "./write";
