import { goDistrust, knowsGoTrust } from "../../http/goTrust";
import { locate } from "../../registry/location";
import { registryOrigins } from "../../registry/origin";
import { type RegistryOptions, timeoutMsDefault } from "../../registry/registries";

/** Explains why docker-build's plugin cannot push to references; undefined without a known reason. */
export type JudgePlugin = (references: readonly string[]) => Promise<string | undefined>;

/** Options of {@link judgePluginBy}. */
export interface PluginTrustOptions extends RegistryOptions {
    /** Whether the plugin itself pushes an index that joins several platforms. @default false */
    readonly pushesIndex?: boolean | undefined;
    /** Platform of the machine. @default that of this process */
    readonly platform?: NodeJS.Platform | undefined;
}

/**
 * Creates the function that checks whether docker-build's plugin trusts a registry. The plugin fetches
 * the token of each push; without trust, the push fails after the build. The plugin verifies the
 * certificate regardless of the Harbor provider's settings, and does not read
 * `NODE_EXTRA_CA_CERTS`. The function checks each registry once, and only where it knows what the
 * plugin trusts.
 */
export function judgePluginBy(options: PluginTrustOptions): JudgePlugin {
    const env = options.env ?? process.env;
    const timeoutMs = options.timeoutMs ?? timeoutMsDefault;
    const needsPlugin =
        knowsGoTrust(options.platform ?? process.platform) &&
        (options.pushesIndex || !leavesTokensToBuilder(env));
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
            : "The plugin reads SSL_CERT_FILE and the machine's CAs, not NODE_EXTRA_CA_CERTS.";
    return pushesIndex
        ? {
              path,
              scope: `${scope} The plugin itself pushes the index of several platforms.`,
              otherwise: "",
          }
        : { path, scope, otherwise: withoutVerification };
}

/** Whether BuildKit's variable, parsed as Go does, makes the builder fetch tokens with its own settings. */
function leavesTokensToBuilder(env: NodeJS.ProcessEnv): boolean {
    return /^(1|t|true)$/i.test(env["BUILDKIT_NO_CLIENT_TOKEN"] ?? "");
}
