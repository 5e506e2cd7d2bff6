import { trimEnd } from "../../text/trimEnd";
import { explaining } from "../failure";
import {
    createRegistry,
    findRegistry,
    getRegistry,
    type RegistrySettings,
    updateRegistry,
} from "../harbor/registry";
import { nameIn, numberIn, pathIn, requiredNumberIn } from "../ids";
import type { Properties, Values } from "../property";
import { resource, type State } from "../resource";
import { oneOf } from "../rules";
import { adapterNames, fromAdapter, registryKinds, toAdapter } from "./registryTypes";

const kindRule = oneOf(...registryKinds);

const properties = {
    name: {
        type: "string",
        autoNamed: true,
        check: (value: string) => (value === "" ? "is empty; expected a name" : undefined),
        description:
            "Name of the registry in Harbor. Default: the logical name and seven random digits.",
    },
    providerName: {
        type: "string",
        required: true,
        replace: true,
        check: (value: string) => (adapterNames.includes(value) ? undefined : kindRule(value)),
        normalize: fromAdapter,
        description: `Kind of registry: ${registryKinds.map((kind) => `\`${kind}\``).join(", ")}.`,
    },
    endpointUrl: {
        type: "string",
        required: true,
        check: (value: string) =>
            /^https?:\/\/[^/\s]+/.test(value)
                ? undefined
                : `"${value}" is not an address; expected https://host`,
        normalize: (value: string) => trimEnd(value, "/"),
        description:
            "Address of the registry. Harbor connects to the registry before it accepts the address.",
    },
    accessId: {
        type: "string",
        description: "User name or key of the login. Default: no login.",
    },
    accessSecret: {
        type: "string",
        secret: true,
        default: "",
        local: true,
        description: "Password or secret of `accessId`.",
    },
    caCertificate: {
        type: "string",
        normalize: (value: string) => value.trim(),
        description:
            "Certificate in PEM that Harbor trusts for this registry. Default: the system's certificates.",
    },
    description: {
        type: "string",
        description: "Description of the registry.",
    },
    insecure: {
        type: "boolean",
        default: false,
        description:
            "Whether Harbor skips the verification of the registry's certificate. Default: false.",
    },
    registryId: {
        type: "number",
        outputOnly: true,
        description: "Number of the registry, for `registryId` of a proxy-cache project.",
    },
    status: {
        type: "string",
        outputOnly: true,
        description: "`healthy` or `unhealthy`, at the last check.",
    },
} satisfies Properties;

type Inputs = Values<typeof properties>;

/** `harbor.Registry`: another registry, for proxy caches or replication. */
export const registry = resource({
    token: "harbor:index/registry:Registry",
    description:
        "Another registry: the upstream of proxy-cache projects, or the source or destination of a replication.",
    idAlias: "harborRegistryId",
    properties,
    identity: ["name"],
    importForms: "/registries/ID, ID, or the name",
    async create(inputs, { client }) {
        const { value: id } = await createRegistry(client, settings(inputs)).catch(explain(inputs));
        // Harbor has just connected to the registry; otherwise it would have refused.
        return { id: `/registries/${id}`, outputs: { registryId: id, status: "healthy" } };
    },
    async read(id, prior, { client }) {
        const number =
            numberIn(id, "registries") ??
            (await findRegistry(client, nameIn(id, "registries")))?.value.id;
        const found = number === undefined ? undefined : await getRegistry(client, number);
        if (!found) return undefined;
        return {
            id: `/registries/${found.id}`,
            outputs: {
                name: found.name,
                providerName: fromAdapter(found.type),
                endpointUrl: found.url,
                description: found.description,
                insecure: found.insecure,
                caCertificate: found.caCertificate ?? prior["caCertificate"],
                accessId: found.accessKey,
                registryId: found.id,
                status: found.status,
            },
        } satisfies State;
    },
    async update(id, inputs, olds, { client }) {
        const number = requiredNumberIn(id, "registries");
        await updateRegistry(client, number, settings(inputs)).catch(explain(inputs));
        return { id, outputs: { registryId: number, status: olds["status"] ?? "healthy" } };
    },
    async delete(id, olds, { client }) {
        await client.delete(pathIn(id, "registries")).catch(
            explaining({
                412: ({ reason }) =>
                    /replication/.test(reason)
                        ? `registry "${olds["name"]}" is still in use by a replication policy; delete that policy first`
                        : `registry "${olds["name"]}" is still the upstream of a proxy-cache project; delete that project first`,
            }),
        );
    },
});

function settings(inputs: Inputs): RegistrySettings {
    return {
        name: inputs.name,
        type: toAdapter(inputs.providerName),
        url: trimEnd(inputs.endpointUrl, "/"),
        description: inputs.description ?? "",
        insecure: inputs.insecure,
        caCertificate: inputs.caCertificate ?? "",
        accessKey: inputs.accessId ?? "",
        accessSecret: inputs.accessSecret,
    };
}

const explain = ({ name, endpointUrl, providerName }: Inputs) =>
    explaining({
        400: ({ reason }) =>
            /unhealthy/.test(reason)
                ? `endpointUrl: Harbor cannot use the registry at ${endpointUrl}: it cannot be reached from Harbor, its certificate is not trusted, or accessId and accessSecret are refused (${reason})`
                : undefined,
        409: () =>
            `name: registry "${name}" already exists. To manage it here, import it: \`pulumi import harbor:index/registry:Registry NAME ${name}\``,
        500: ({ message }) =>
            `providerName: this Harbor may not know "${providerName}" (${message})`,
    });
