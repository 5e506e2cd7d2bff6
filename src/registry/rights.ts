import type { CredentialsFor } from "./credentials";
import { locate } from "./location";
import { Registries, type RegistryOptions } from "./registries";
import type { TokenFacts } from "./token";

/**
 * What the account may do now where `reference` is kept, told by a new token.
 *
 * @returns undefined when the registry cannot be asked or does not tell. Never throws.
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
        return undefined; // it only explains another fault, which is told in any case
    } finally {
        registries.close();
    }
}
