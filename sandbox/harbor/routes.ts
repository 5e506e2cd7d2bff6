import { artifactRoutes } from "./artifacts";
import type { Api } from "./core/api";
import { metadataRoutes } from "./projectMetadata";
import { projectRoutes } from "./projects";
import { quotaRoutes } from "./quotas";
import { repositoryRoutes } from "./repositories";
import { robotRoutes } from "./robots";
import { systemRoutes } from "./system";
import { tagRoutes } from "./tags";

/** Every route of the REST API. */
export function addRoutes(api: Api): void {
    systemRoutes(api);
    projectRoutes(api);
    metadataRoutes(api);
    quotaRoutes(api);
    robotRoutes(api);
    repositoryRoutes(api);
    artifactRoutes(api);
    tagRoutes(api);
}
