import * as pulumi from "@pulumi/pulumi";
import type { Fault } from "../arguments/userError";
import { settingVariables, withoutLogin } from "../harbor/address";
import { hostFault } from "../oci/reference";

/** The host of a registry: the first part of image references. */
export type RegistryHost = { readonly host: string } | { readonly fault: Fault };

/** Where Harbor's address comes from, in order of precedence. */
export interface RegistrySources {
    /** Whether the component has an explicit Harbor provider. */
    readonly explicitProvider: boolean;
    /** Pulumi configuration `harbor:url`. */
    readonly configUrl: string | undefined;
    /** The variable `HARBOR_URL`. */
    readonly environmentUrl: string | undefined;
}

/** Whether the component declares robot accounts, whose secrets the registry gets. */
interface Accounts {
    readonly declaresAccounts: boolean;
}

/** Where a component finds Harbor's address. */
export function registrySources(component: pulumi.ComponentResource): RegistrySources {
    return {
        explicitProvider: component.getProvider("harbor:index/project:Project") !== undefined,
        configUrl: new pulumi.Config("harbor").get("url"),
        environmentUrl: process.env[settingVariables.url],
    };
}

/**
 * Finds the registry host as a plain value: with a host that only `up` knows, previews would have no
 * plan.
 */
export function findRegistryHost(
    registry: string | undefined,
    sources: RegistrySources & Accounts,
): RegistryHost {
    if (registry !== undefined) {
        const found = usable(registry);
        return "fault" in found ? found : (otherHostFault(found.host, sources) ?? found);
    }
    if (sources.explicitProvider) {
        return fault(
            'missing; a Harbor provider is given, whose URL only the deployment knows. Expected its host, for example "harbor.example.com".',
        );
    }
    if (sources.configUrl) {
        return hostOf(sources.configUrl, "the configuration harbor:url");
    }
    if (sources.environmentUrl) {
        return hostOf(sources.environmentUrl, "the variable HARBOR_URL");
    }
    return fault(
        "missing; expected the registry's host, for example \"harbor.example.com\". Give it, or set the Harbor provider's URL: pulumi config set harbor:url https://harbor.example.com",
    );
}

/** A new secret of Harbor's goes to no other host. An explicit provider has an address of its own. */
function otherHostFault(
    registry: string,
    { explicitProvider, declaresAccounts, configUrl, environmentUrl }: RegistrySources & Accounts,
): RegistryHost | undefined {
    const url = configUrl || environmentUrl;
    if (explicitProvider || !declaresAccounts || !url || !URL.canParse(url)) return undefined;
    const { host, hostname } = new URL(url);
    // Harbor's API and its registry may have different ports of one machine.
    if (host === "" || registry.replace(/:\d+$/, "") === hostname) return undefined;
    return fault(
        `"${registry}" is another host than Harbor's, "${host}", and would get the secrets of new robot accounts. ` +
            `Expected "${host}". Remove registry, give credentials of the other registry, or give its Harbor provider in the options`,
    );
}

function hostOf(url: string, origin: string): RegistryHost {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (parsed === undefined || !/^https?:$/.test(parsed.protocol) || parsed.host === "") {
        return fault(
            `"${withoutLogin(url)}" of ${origin} is not a Harbor URL; expected https://HOST or http://HOST`,
        );
    }
    return usable(parsed.host);
}

function usable(host: string): RegistryHost {
    const reason = hostFault(host);
    return reason === undefined ? { host } : fault(`"${host}" cannot be used: ${reason}`);
}

function fault(message: string): RegistryHost {
    return { fault: { path: "registry", message } };
}
