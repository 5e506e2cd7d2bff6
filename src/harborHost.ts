import { registryFault } from "./oci/reference";
import type { Fault } from "./userError";

/** The registry host of a Harbor URL: what images' references begin with. */
export type HarborHost = { readonly host: string } | { readonly fault: Fault };

/** Where a component learns its registry's host, in the order in which it looks. */
export interface HarborHostSources {
    /** The component's own argument. */
    readonly registry: string | undefined;
    /** Whether the component was given a Harbor provider of its own. */
    readonly explicitProvider: boolean;
    /** Pulumi configuration `harbor:url`. */
    readonly configUrl: string | undefined;
    /** The variable `HARBOR_URL`. */
    readonly environmentUrl: string | undefined;
}

/**
 * Finds the registry host as a plain value: a reference that only the `up` knows would leave every
 * preview without a plan.
 */
export function findHarborHost(sources: HarborHostSources): HarborHost {
    if (sources.registry !== undefined) {
        return usable(sources.registry);
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

function hostOf(url: string, origin: string): HarborHost {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (parsed === undefined || !/^https?:$/.test(parsed.protocol) || parsed.host === "") {
        return fault(
            `"${url}" of ${origin} is not a URL of a Harbor; expected https://HOST or http://HOST`,
        );
    }
    return usable(parsed.host);
}

function usable(host: string): HarborHost {
    const reason = registryFault(host);
    return reason === undefined ? { host } : fault(`"${host}" cannot be used: ${reason}`);
}

function fault(message: string): HarborHost {
    return { fault: { path: "registry", message } };
}
