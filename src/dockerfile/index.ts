export type { Unknown, Value } from "./expand";
export { isUnknown } from "./expand";
export { DockerfileError, type DockerfileFailure, describeFailure, nearest } from "./failure";
export { resolveStages, type StageGraph } from "./graph";
export type { BaseImage, BuildOptions } from "./options";
export { type Dockerfile, parseDockerfile } from "./parse";
export { builderStages, chainOf, type Reach, reachOf } from "./reach";
export type { Base, Edge, Source, Stage } from "./stage";
