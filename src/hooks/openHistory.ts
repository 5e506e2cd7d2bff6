import type { BuilderHistory } from "../buildkit/builderHistory";

/** Opens BuildKit's history. Only a run that asks it something loads its client. */
export function openHistory(env: NodeJS.ProcessEnv = process.env): BuilderHistory {
    const client: typeof import("../buildkit/builderHistory") = require("../buildkit/builderHistory");
    return new client.BuilderHistory(env);
}
