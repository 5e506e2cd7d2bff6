import { checkAccounts } from "./accountCheck";
import { checkBuilders } from "./builders";
import { checkDockerLogins } from "./dockerLogins";
import { describeFinding, FindingState } from "./finding";
import { checkHarbor } from "./harborCheck";
import { checkSetUp } from "./init";
import { findOwnPackage } from "./installation";
import type { CommandPlace } from "./publicState";
import { findProject } from "./pulumiProject";
import { checkRegistry } from "./registryCheck";
import { checkNode, checkPackages, checkPlugin, checkPulumi } from "./tools";

/**
 * `harbor-build doctor` reports what the Pulumi project of a folder needs for `pulumi up`, and how to
 * fix what is missing. It changes nothing, in Harbor either.
 *
 * @param options `builds`: also build a tiny image on each builder, which starts the builder, and reach the registry from it;
 * `registry`: host of the registry to check instead of Harbor
 */
export async function doctor(
    { folder, env, print }: CommandPlace,
    { builds = false, registry }: { builds?: boolean; registry?: string } = {},
): Promise<number> {
    const project = findProject(folder);
    const own = findOwnPackage(project);
    const harbor = registry === undefined ? await checkHarbor(project, env) : undefined;
    const host = registry ?? harbor?.host;
    const checks = [
        [checkNode(env)],
        [await checkPulumi(folder, env)],
        checkPackages(project),
        checkSetUp(project),
        [await checkPlugin(project, own.folder, env)],
        await checkBuilders({ cwd: folder, env, builds, registry: host }),
        await checkDockerLogins(env),
        ...(harbor === undefined
            ? []
            : [harbor.findings, await checkAccounts(project, env, harbor.answer)]),
        ...(registry === undefined ? [] : [await checkRegistry(registry, env)]),
    ];
    const findings = checks.flat();
    for (const finding of findings) print(describeFinding(finding));
    const faults = findings.filter(({ state }) => state === FindingState.Fault);
    print(faults.length === 0 ? "\nnothing is missing" : `\n${faults.length} to fix`);
    return faults.length === 0 ? 0 : 1;
}
