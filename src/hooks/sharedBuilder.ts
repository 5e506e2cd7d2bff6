import { builderNodes } from "../buildkit/builders";

/** Drivers whose BuildKit other machines may use too. */
const sharedDrivers = ["remote", "kubernetes"];

/**
 * What a builder that others may use means for a stack that must not change their images; undefined for
 * a builder of this machine. A `RUN` can fill cache mounts and enter results under the keys of others.
 */
export function sharedBuilderNote(env: NodeJS.ProcessEnv = process.env): string | undefined {
    const shared = builderNodes(env).find(({ driver }) => sharedDrivers.includes(driver));
    return shared === undefined
        ? undefined
        : `the builder "${shared.builder}" (driver ${shared.driver}) may be shared: this build can change what others build on it, without writing to a registry. Give builds of pull requests a builder of their own.`;
}
