import { registryHost } from "../../registry/credentials";
import { DockerLogins } from "../../registry/dockerLogins";
import { trustedReferences } from "../../registry/signedCaches";
import { isPlaceholder } from "../../text/placeholder";
import { UserError } from "../failure";
import type { Properties, Values } from "../property";
import { type Context, resource, type State } from "../resource";
import { publicKeyFault } from "./imageSignature";

const properties = {
    triggers: {
        type: "map",
        required: true,
        description: "Only a change of these triggers looks for the caches again.",
    },
    references: {
        type: { list: "string" },
        required: true,
        writeOnly: true,
        check: (values: readonly string[]) =>
            firstFault(values, (value) =>
                /^[^@\s]+:[^@\s:/]+$/.test(value)
                    ? undefined
                    : `"${value}" has no tag; expected HOST/REPOSITORY:TAG`,
            ),
        description: "The caches, `HOST/REPOSITORY:TAG`.",
    },
    publicKeys: {
        type: { list: "string" },
        required: true,
        writeOnly: true,
        check: (values: readonly string[]) => firstFault(values, publicKeyFault),
        description: "Public keys in PEM format. A cache counts when one of them verifies it.",
    },
    registry: {
        type: "string",
        writeOnly: true,
        description: "Host of the registry that `username` and `password` are for.",
    },
    username: {
        type: "string",
        writeOnly: true,
        description: "Account that may pull there. Defaults to Docker's login.",
    },
    password: {
        type: "string",
        secret: true,
        writeOnly: true,
        description: "Password of the account.",
    },
    sources: {
        type: { list: "string" },
        outputOnly: true,
        description:
            "The caches that exist and count, each with the digest that was verified: `HOST/REPOSITORY:TAG@sha256:…`.",
    },
} satisfies Properties;

type Inputs = Values<typeof properties>;

/** The fault of the first item that has one, with its position from 1. */
function firstFault(
    values: readonly string[],
    faultOf: (value: string) => string | undefined,
): string | undefined {
    const faults = values.map(faultOf);
    const index = faults.findIndex((fault) => fault !== undefined);
    return index < 0 ? undefined : `item ${index + 1} ${faults[index]}`;
}

/** `harbor.VerifiedCache`: the signed caches that one build reads (docs/adr/0023). */
export const verifiedCache = resource({
    token: "harbor:index/verifiedCache:VerifiedCache",
    description:
        "The caches that a build may read, because a key has signed them, each with its digest: a tag can move between the check and the build. They stay the same until a trigger changes, so that a new cache alone causes no diff. A cache that is missing, cannot be read or has no valid signature is left out. Exists only in the stack's state.",
    idAlias: "verifiedCacheId",
    properties,
    identity: [],
    importForms: "none: it is in a stack's state and nowhere else",
    offline: true,
    renews: ["sources"],
    create: verify,
    async read(id, { triggers, sources }) {
        if (sources === undefined) {
            throw new UserError(
                "a VerifiedCache cannot be imported: it is in a stack's state and nowhere else",
            );
        }
        return { id, outputs: { triggers, sources } };
    },
    update: (_id, inputs, _olds, context) => verify(inputs, context),
    async delete() {
        // It exists only in the state.
    },
});

async function verify(inputs: Inputs, { registryOptions, warn }: Context): Promise<State> {
    const { references, publicKeys, registry, username, password } = inputs;
    const docker = new DockerLogins({
        env: registryOptions.env ?? process.env,
        onFault: ({ text, fix }) => void warn(`${text} Fix: ${fix}`),
    });
    const isGiven = (host: string) => registry !== undefined && registryHost(registry) === host;
    const sources = await trustedReferences(
        references,
        (host) =>
            isGiven(host) && username !== undefined && password !== undefined
                ? { username, password }
                : docker.find(host),
        {
            ...registryOptions,
            trust: { publicKeys: publicKeys.filter((key) => !isPlaceholder(key)) },
        },
    );
    return { id: "caches", outputs: { sources } };
}
