import type { HarborClient } from "../../harbor/client";
import { hasStatus } from "../../http/error";
import { type Failure, UserError } from "../failure";
import { getAuthMode, getSettings, setSettings } from "../harbor/settings";
import { onlyId } from "../ids";
import { resource, type State } from "../resource";
import type { Bag } from "../values";
import { configAuthProperties, toAuthMode } from "./configAuthProperties";
import { fromSettings, type Inputs, methodOf, toSettings } from "./configAuthSettings";

const id = "/configurations";

/** Required properties of each login method. */
const needed: Readonly<Record<string, readonly (keyof Inputs)[]>> = {
    ldap_auth: ["ldapUrl", "ldapBaseDn", "ldapUid"],
    oidc_auth: ["oidcName", "oidcEndpoint", "oidcClientId", "oidcScope"],
};
/** Properties with defaults, which programs and states have with every login method. */
const always: readonly string[] = [
    "ldapVerifyCert",
    "ldapScope",
    "ldapGroupScope",
    "ldapGroupMembership",
];

/** `harbor.ConfigAuth`: how users log in. */
export const configAuth = resource({
    token: "harbor:index/configAuth:ConfigAuth",
    description:
        "How users log in to Harbor. Harbor has one such setting, so declare it once. Deleting the resource changes nothing in Harbor. Needs a system administrator.",
    idAlias: "configAuthId",
    properties: configAuthProperties,
    identity: [],
    importForms: id,
    check,
    async rehearse({ authMode }, { client }) {
        const current = await getAuthMode(client);
        if (!current.isEditable && current.value !== toAuthMode(authMode)) {
            throw refusal(current.value, authMode);
        }
    },
    create: (inputs, { client }) => write(inputs, {}, client),
    async read(asked, prior, { client }) {
        onlyId(asked, id);
        const settings = await getSettings(client);
        if (!settings) {
            throw new UserError("Harbor's settings can be read by system administrators only");
        }
        return { id, outputs: fromSettings(settings, prior) };
    },
    update: (_id, inputs, olds, { client }) => write(inputs, olds, client),
    async delete() {}, // Harbor always has a login method, so there is nothing to restore.
});

async function write(inputs: Inputs, olds: Bag, client: HarborClient): Promise<State> {
    await setSettings(client, toSettings(inputs, olds)).catch(async (error: unknown) => {
        if (!hasStatus(error, 400) || !/auth mode cannot be modified/.test(error.reason)) {
            throw error;
        }
        throw refusal((await getAuthMode(client)).value, inputs.authMode, error);
    });
    return { id, outputs: {} };
}

function refusal(current: string, wanted: string, cause?: unknown): UserError {
    return new UserError(
        `authMode: Harbor does not change "${current}" to "${toAuthMode(wanted)}" while it has other users than the administrator; delete them, or leave authMode at "${current}"`,
        { cause },
    );
}

function check(inputs: Partial<Inputs>, unknown: ReadonlySet<string>): Failure[] {
    const isGiven = (key: string): boolean =>
        Boolean(inputs[key as keyof Inputs]) || unknown.has(key); // the object has no other keys
    const failures = checkSecret(isGiven);
    if (inputs.authMode === undefined) return failures;
    const mode = toAuthMode(inputs.authMode);
    for (const property of needed[mode] ?? []) {
        if (isGiven(property)) continue;
        failures.push({ property, reason: `is missing: authMode "${mode}" needs it` });
    }
    for (const [property, owner] of methodOf) {
        if (owner === mode || always.includes(property) || !isGiven(property)) continue;
        const reason = `belongs to authMode "${owner}", and is not sent with "${mode}"; leave it out`;
        failures.push({ property, reason });
    }
    return failures;
}

function checkSecret(isGiven: (key: string) => boolean): Failure[] {
    const [secret, version] = ["oidcClientSecretWo", "oidcClientSecretWoVersion"];
    if (isGiven("oidcClientSecret") && isGiven(secret)) {
        return [{ property: secret, reason: "cannot be given together with oidcClientSecret" }];
    }
    if (isGiven(secret) === isGiven(version)) return [];
    const property = isGiven(secret) ? version : secret;
    return [{ property, reason: "is missing: both are needed" }];
}
