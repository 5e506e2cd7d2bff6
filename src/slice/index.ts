export { isMountTarget } from "./carriedMounts";
export { contentDigest } from "./content";
export { isFolderContext, layoutComments, namedContextComments } from "./namedContext";
export { asWritten } from "./runFlags";
export { sensitiveWarning } from "./sensitive";
export { type Slice, type SliceRequest, sliceContext, wholeChosen } from "./slice";
export { SlicePolicy } from "./slicePolicy";
export { writeSlice } from "./write";
