import { builderNodes, isShared } from "../buildkit/builders";

/**
 * What a builder that others may use means for a stack that must not change their images; undefined for
 * builders of this machine. A `RUN` can fill cache mounts and enter results under the keys of others.
 *
 * @param given the builders of a component's images; undefined for the one that docker-build chooses
 */
export function sharedBuilderNote(
    given: readonly (string | undefined)[],
    env: NodeJS.ProcessEnv = process.env,
): string | undefined {
    const shared = given.flatMap((name) => builderNodes(env, name)).find(isShared);
    return shared === undefined
        ? undefined
        : `the builder "${shared.builder}" (driver ${shared.driver}) may be shared: this build can change what others build on it, without writing to a registry. Give builds of pull requests a builder of their own.`;
}
