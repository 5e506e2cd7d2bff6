import { goDistrust } from "../registry/goTrust";
import { locate } from "../registry/location";
import { registryOrigins } from "../registry/origin";
import { type RegistryOptions, timeoutMsDefault } from "../registry/registries";

/** Says why docker-build's plugin cannot push to references; undefined when nothing is known against it. */
export type JudgePlugin = (references: readonly string[]) => Promise<string | undefined>;

/** How the plugin is judged. */
export interface PluginTrustOptions extends RegistryOptions {
    /** Whether the plugin itself pushes an index that joins several platforms. @default false */
    readonly pushesIndex?: boolean | undefined;
}

/**
 * Makes the function that finds out whether docker-build's plugin trusts a registry. The plugin
 * fetches the token of each push, and fails after everything is built when it does not. It verifies
 * the certificate whatever the Harbor provider is told, and does not read `NODE_EXTRA_CA_CERTS`. Each
 * registry is asked once.
 */
export function judgePluginBy(options: PluginTrustOptions): JudgePlugin {
    const env = options.env ?? process.env;
    const timeoutMs = options.timeoutMs ?? timeoutMsDefault;
    const needsPlugin = options.pushesIndex || !leavesTokensToBuilder(env);
    const { path, scope, otherwise } = caseOf(options);
    const judged = new Map<string, Promise<string | undefined>>();
    const judge = async (origin: string): Promise<string | undefined> => {
        const fault = await goDistrust(origin, { env, timeoutMs });
        return fault === undefined
            ? undefined
            : `${path}: docker-build's plugin does not trust ${origin}: ${fault.what}. ${scope} ${fault.fix}.${otherwise}`;
    };
    return async (references) => {
        const hosts = new Set(references.map((reference) => locate(reference).server));
        for (const host of needsPlugin ? hosts : []) {
            const [origin = ""] = registryOrigins(host, options.url);
            if (origin.startsWith("https:")) {
                const found = judged.get(origin) ?? judge(origin);
                judged.set(origin, found);
                const reason = await found;
                if (reason !== undefined) {
                    return reason;
                }
            }
        }
        return undefined;
    };
}

const withoutVerification =
    " To push without verification instead, set BUILDKIT_NO_CLIENT_TOKEN=true where you run pulumi, and insecure = true for this registry in the builder's buildkitd.toml.";

function caseOf({ pushesIndex, verifyTls }: PluginTrustOptions) {
    const path = verifyTls === false ? "harbor:insecure" : "SSL_CERT_FILE";
    const scope =
        verifyTls === false
            ? "harbor:insecure (HARBOR_IGNORE_CERT) applies to the Harbor provider, not to this plugin."
            : "The plugin reads SSL_CERT_FILE and the machine's authorities, not NODE_EXTRA_CA_CERTS.";
    return pushesIndex
        ? {
              path,
              scope: `${scope} The plugin itself pushes the index of several platforms.`,
              otherwise: "",
          }
        : { path, scope, otherwise: withoutVerification };
}

/** BuildKit's own switch, read as Go reads it: with it the builder fetches tokens, as its own settings say. */
function leavesTokensToBuilder(env: NodeJS.ProcessEnv): boolean {
    return /^(1|t|true)$/i.test(env["BUILDKIT_NO_CLIENT_TOKEN"] ?? "");
}
