export { isMountTarget } from "./carriedMounts";
export { isFolderContext, namedContextComments } from "./namedContext";
export { type Slice, type SliceRequest, sliceContext, wholeChosen } from "./slice";
export { SlicePolicy } from "./slicePolicy";
export { type WriteOptions, writeSlice } from "./write";
