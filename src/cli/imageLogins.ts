import { asList, asRecord, asText } from "../text/lenientJson";

/**
 * A state whose images have no logins, as the component declares them in previews without secrets:
 * builds of such previews then use the logins of `docker login`.
 */
export function withoutImageLogins(state: unknown): unknown {
    const { deployment, ...others } = asRecord(state);
    const resources = asList(asRecord(deployment)["resources"]).map((resource) => {
        const { urn, inputs, outputs } = asRecord(resource);
        if (!/harbor-build:index:CachedImage\$docker-build:index:Image::/.test(asText(urn))) {
            return resource;
        }
        return {
            ...asRecord(resource),
            inputs: { ...asRecord(inputs), registries: [] },
            outputs: { ...asRecord(outputs), registries: [] },
        };
    });
    return { ...others, deployment: { ...asRecord(deployment), resources } };
}
