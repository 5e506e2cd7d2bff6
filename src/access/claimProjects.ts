import * as pulumi from "@pulumi/pulumi";
import { engineAddress } from "../engine/address";
import { isDeclaredBeside } from "../engine/declaredProjects";
import { Claims } from "../harbor/claims";

/**
 * Claims projects that a component uses without managing them: a resource that managed one of them in
 * the last run is deleted at the end of this run, and the project must stay (docs/adr/0017).
 */
export async function claimProjects(
    component: pulumi.ComponentResource,
    user: string,
    projects: Iterable<string>,
): Promise<void> {
    if (pulumi.runtime.isDryRun()) {
        return;
    }
    const claims = new Claims(engineAddress());
    for (const project of projects) {
        // A resource that manages the project has a claim of its own. This claim would keep the project in
        // `pulumi destroy --run-program`, where resources have none.
        if ((await isDeclaredBeside(component, project)) !== true) {
            claims.add({ user, project });
        }
    }
}
