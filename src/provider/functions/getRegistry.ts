import { UserError } from "../failure";
import { harborFunction } from "../function";
import { findRegistry } from "../harbor/registry";
import { fromAdapter } from "../resources/registryTypes";

/** `harbor.getRegistry`: a registry by name. */
export const getRegistry = harborFunction({
    token: "harbor:index/getRegistry:getRegistry",
    description: "Reads a registry by name. A missing registry is an error.",
    inputs: {
        id: { type: "string", description: "Ignored; the id is an output." },
        name: { type: "string", required: true, description: "Name of the registry." },
    },
    outputs: {
        id: { type: "string", required: true, description: "Id of the registry, `/registries/N`." },
        name: { type: "string", required: true, description: "Name of the registry." },
        registryId: { type: "number", required: true, description: "Number of the registry." },
        type: { type: "string", required: true, description: "Kind of registry." },
        url: { type: "string", required: true, description: "Address of the registry." },
        description: {
            type: "string",
            required: true,
            description: "Description of the registry.",
        },
        insecure: {
            type: "boolean",
            required: true,
            description: "Whether Harbor skips the verification of the registry's certificate.",
        },
        caCertificate: {
            type: "string",
            required: true,
            description:
                "Certificate that Harbor trusts for the registry; empty for the system's certificates.",
        },
        status: { type: "string", required: true, description: "`healthy` or `unhealthy`." },
    },
    async invoke({ name }, { client }) {
        const registry = (await findRegistry(client, name))?.value;
        if (!registry) throw new UserError(`name: Harbor has no registry "${name}"`);
        return {
            id: `/registries/${registry.id}`,
            name: registry.name,
            registryId: registry.id,
            type: fromAdapter(registry.type),
            url: registry.url,
            description: registry.description ?? "",
            insecure: registry.insecure,
            caCertificate: registry.caCertificate ?? "",
            status: registry.status,
        };
    },
});
