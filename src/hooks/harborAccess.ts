import * as pulumi from "@pulumi/pulumi";
import type { HarborAccess } from "../explain/accountState";
import { baseAddress, parseSwitch, settingVariables } from "../harbor/address";
import type { Credentials } from "../harbor/credentials";
import type { RegistryOptions } from "../registry/registries";
import { asRecord } from "../text/lenientJson";

const { url: urlVariable, insecure: insecureVariable, ...loginVariables } = settingVariables;

/**
 * How to reach Harbor: from the options, else from Pulumi's configuration, then from the environment,
 * as the Harbor provider does (provider/configuration.ts). Ignores an explicit provider of the
 * program, `new harbor.Provider(…)`.
 */
export function harborAccess(options: RegistryOptions): HarborAccess {
    const config = new pulumi.Config("harbor");
    const env = options.env ?? process.env;
    const url = options.url ?? config.get("url") ?? env[urlVariable];
    return {
        ...options,
        url: url === undefined ? undefined : baseAddress(url),
        verifyTls: options.verifyTls ?? !isInsecure(config, env),
        login: () => providerLogin(config, env),
    };
}

function isInsecure(config: pulumi.Config, env: NodeJS.ProcessEnv): boolean {
    const configured = config.get("insecure") ?? "";
    return parseSwitch(configured || (env[insecureVariable] ?? "")) ?? false;
}

async function providerLogin(
    config: pulumi.Config,
    env: NodeJS.ProcessEnv,
): ReturnType<HarborAccess["login"]> {
    const entries = await Promise.all(
        Object.entries(loginVariables).map(
            async ([key, variable]) =>
                [key, (await readSecret(config, key)) ?? env[variable]] as const,
        ),
    );
    const login: Credentials = Object.fromEntries(entries.filter(([, value]) => value));
    const headers = readHeaders(await readSecret(config, "headers"));
    return Object.keys({ ...login, ...headers }).length === 0 ? undefined : { ...login, headers };
}

/** The headers for a proxy in front of Harbor; none without a valid value, which the provider reports. */
function readHeaders(value = "{}"): Readonly<Record<string, string>> {
    try {
        const entries = Object.entries(asRecord(JSON.parse(value)));
        return Object.fromEntries(
            entries.flatMap(([name, text]) => (typeof text === "string" ? [[name, text]] : [])),
        );
    } catch {
        return {};
    }
}

/** A value of the configuration, secret or not; used only in requests. */
function readSecret(config: pulumi.Config, key: string): Promise<string | undefined> {
    const secret = config.getSecret(key);
    return secret === undefined
        ? Promise.resolve(undefined)
        : new Promise((resolve) => secret.apply(resolve));
}
