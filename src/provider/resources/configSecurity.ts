import type { HarborClient } from "../../harbor/client";
import { getSystemAllowlist, type SystemAllowlist, setSystemAllowlist } from "../harbor/allowlist";
import { onlyId } from "../ids";
import type { Properties, Values } from "../property";
import { resource, type State } from "../resource";
import { wholeNumber } from "../rules";

const id = "/system/CVEAllowlist";

const properties = {
    cveAllowlists: {
        type: { list: "string", unordered: true },
        required: true,
        description: "CVE ids that every project without its own list ignores.",
    },
    expiresAt: {
        type: "number",
        check: wholeNumber(1, Number.MAX_SAFE_INTEGER),
        description: "Time when the list expires, in seconds since 1970. Default: never.",
    },
    creationTime: {
        type: "string",
        outputOnly: true,
        description: "Time of the creation, in RFC 3339.",
    },
    updateTime: {
        type: "string",
        outputOnly: true,
        description: "Time of the last change, in RFC 3339.",
    },
} as const satisfies Properties;

type Inputs = Values<typeof properties>;

/** `harbor.ConfigSecurity`: the system's only CVE allow-list. */
export const configSecurity = resource({
    token: "harbor:index/configSecurity:ConfigSecurity",
    description:
        "The system-wide CVE allow-list. Harbor has one, so declare it once. Deleting the resource empties the list. Needs a system administrator.",
    idAlias: "configSecurityId",
    properties,
    identity: [],
    importForms: id,
    create: (inputs, { client }) => write(inputs, client),
    async read(asked, _prior, { client }) {
        onlyId(asked, id);
        return state(await getSystemAllowlist(client));
    },
    update: (_id, inputs, _olds, { client }) => write(inputs, client),
    delete: (_id, _olds, { client }) =>
        setSystemAllowlist(client, { ids: [], expiresAt: undefined }),
});

async function write(inputs: Inputs, client: HarborClient): Promise<State> {
    await setSystemAllowlist(client, { ids: inputs.cveAllowlists, expiresAt: inputs.expiresAt });
    return state(await getSystemAllowlist(client));
}

function state({ ids, expiresAt, creationTime, updateTime }: SystemAllowlist): State {
    return { id, outputs: { cveAllowlists: ids, expiresAt, creationTime, updateTime } };
}
