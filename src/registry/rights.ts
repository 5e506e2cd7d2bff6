import type { CredentialsFor } from "./credentials";
import { locate } from "./location";
import { Registries, type RegistryOptions } from "./registries";
import type { TokenFacts } from "./token";

/**
 * What the account may do in the repository of `reference`, according to a new token.
 *
 * @returns undefined when the registry does not answer or the token does not show it. Never throws.
 */
export async function askRights(
    reference: string,
    credentialsFor: CredentialsFor,
    options: RegistryOptions = {},
): Promise<TokenFacts | undefined> {
    const registries = new Registries(credentialsFor, options);
    const location = locate(reference);
    try {
        return await registries.ask(location, (session) => session.rights(location.repository));
    } catch {
        return undefined; // This only explains a fault that is reported anyway.
    } finally {
        registries.close();
    }
}
