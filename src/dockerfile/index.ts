export { isUnknown } from "./expand";
export { DockerfileError, type DockerfileFailure, describeFailure } from "./failure";
export { resolveStages } from "./graph";
export type { BaseImage, BuildOptions } from "./options";
export { type Dockerfile, parseDockerfile } from "./parse";
export { builderStages, findReachableStages } from "./reachableStages";
