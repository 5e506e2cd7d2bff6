import type { HarborFunction } from "../function";

/** Every function of the provider. */
export const functions: readonly HarborFunction[] = [];
