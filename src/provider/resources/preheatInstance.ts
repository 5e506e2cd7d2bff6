import type { HarborClient } from "../../harbor/client";
import { hasStatus } from "../../http/error";
import { explaining, type Failure, UserError } from "../failure";
import {
    createPreheatInstance,
    deletePreheatInstance,
    getPreheatInstance,
    listPreheatInstances,
    type PreheatSettings,
    updatePreheatInstance,
} from "../harbor/preheat";
import { nameIn } from "../ids";
import { harborName } from "../naming";
import type { Values } from "../property";
import { resource } from "../resource";
import { preheatInstanceProperties } from "./preheatInstanceProperties";

type Inputs = Values<typeof preheatInstanceProperties>;

const collection = "p2p/preheat/instances";

/** Required inputs of each login method; the others are not sent. */
const credentials = {
    NONE: [],
    BASIC: ["username", "password"],
    OAUTH: ["token"],
} as const satisfies Record<string, readonly (keyof Inputs)[]>;
type Credential = (typeof credentials)["BASIC" | "OAUTH"][number];
const all: readonly Credential[] = ["username", "password", "token"];

/** `harbor.PreheatInstance`: a P2P network, into which Harbor can preheat images. */
export const preheatInstance = resource({
    token: "harbor:index/preheatInstance:PreheatInstance",
    description:
        "An instance of a P2P network, Dragonfly or Kraken, into which projects can preheat images. Needs a system administrator.",
    idAlias: "preheatInstanceId",
    properties: preheatInstanceProperties,
    // The address must be free too, so the old instance is deleted first.
    identity: [],
    importForms: `/${collection}/NAME or NAME`,
    autoName: harborName,
    check,
    async create(inputs, { client }) {
        await createPreheatInstance(client, settings(inputs)).catch((error: unknown) =>
            explain(error, inputs, client),
        );
        return { id: `/${collection}/${inputs.name}`, outputs: {} };
    },
    async read(id, _prior, { client }) {
        const found = await getPreheatInstance(client, nameIn(id, collection));
        if (!found) return undefined;
        // Not every Harbor returns it.
        const login = found.username === undefined ? {} : { username: found.username };
        return {
            id: `/${collection}/${found.name}`,
            outputs: {
                name: found.name,
                description: found.description,
                vendor: found.vendor,
                endpoint: found.endpoint,
                authMode: found.authMode,
                ...login,
                enabled: found.enabled,
                default: found.isDefault,
                insecure: found.insecure,
            },
        };
    },
    async update(id, inputs, _olds, { client }) {
        const found = await getPreheatInstance(client, inputs.name);
        if (!found) {
            throw new UserError(
                `preheat instance "${inputs.name}" no longer exists in Harbor; \`pulumi up --refresh\` creates it again`,
            );
        }
        await updatePreheatInstance(client, found.id, settings(inputs)).catch((error: unknown) =>
            explain(error, inputs, client),
        );
        return { id, outputs: {} };
    },
    async delete(id, _olds, { client }) {
        const name = nameIn(id, collection);
        await deletePreheatInstance(client, name).catch(
            explaining({
                412: ({ reason }) =>
                    `preheat instance "${name}" is still used by preheat policies of projects; delete those first (${reason})`,
            }),
        );
    },
});

function neededBy(authMode: string): readonly Credential[] {
    return credentials[authMode as keyof typeof credentials] ?? []; // the check rejects any other value
}

function check(inputs: Partial<Inputs>, unknown: ReadonlySet<string>): Failure[] {
    if (unknown.has("authMode")) return [];
    const mode = inputs.authMode ?? "NONE";
    if (!(mode in credentials)) return [];
    const needed = neededBy(mode);
    return all.flatMap((property): Failure[] => {
        const isGiven = Boolean(inputs[property]) || unknown.has(property);
        if (needed.includes(property) === isGiven) return [];
        const reason = isGiven
            ? `is not sent with authMode "${mode}"; leave it out, or give the authMode it belongs to`
            : `is missing: authMode "${mode}" needs it`;
        return [{ property, reason }];
    });
}

function settings(inputs: Inputs): PreheatSettings {
    return {
        name: inputs.name,
        description: inputs.description ?? "",
        vendor: inputs.vendor,
        endpoint: inputs.endpoint,
        authMode: inputs.authMode,
        credentials: Object.fromEntries(
            neededBy(inputs.authMode).map((property) => [property, inputs[property] ?? ""]),
        ),
        enabled: inputs.enabled,
        isDefault: inputs.default,
        insecure: inputs.insecure,
    };
}

// Harbor answers a bare 500 when another instance has the address.
async function explain(error: unknown, inputs: Inputs, client: HarborClient): Promise<never> {
    if (hasStatus(error, 409)) {
        throw new UserError(
            `name: ${error.reason}. To manage it here, import it: \`pulumi import harbor:index/preheatInstance:PreheatInstance NAME ${inputs.name}\``,
            { cause: error },
        );
    }
    if (hasStatus(error, 500)) {
        const twin = (await listPreheatInstances(client)).find(
            ({ name, endpoint }) => endpoint === inputs.endpoint && name !== inputs.name,
        );
        if (twin) {
            throw new UserError(
                `endpoint: "${inputs.endpoint}" is already the address of the preheat instance "${twin.name}"; Harbor accepts each address once`,
                { cause: error },
            );
        }
    }
    throw error;
}
