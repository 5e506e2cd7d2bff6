export { isFolderContext, namedContextComments } from "./namedContext";
export { type Slice, sliceContext, wholeChosen } from "./slice";
export { SlicePolicy } from "./slicePolicy";
export { type WriteOptions, writeSlice } from "./write";
