import { RequestError } from "./error";
import { type CertificateFault, certificateFault } from "./fault";
import { Transport } from "./transport";
import { Trust } from "./trust";

/**
 * Whether we know what Go programs on this machine trust. Outside of Linux, Go asks the system's
 * verifier or reads other files.
 */
export function knowsGoTrust(platform: NodeJS.Platform): boolean {
    return platform === "linux";
}

/**
 * Why Go programs on this machine, such as the docker-build plugin, do not trust a server's
 * certificate; undefined when they trust it, or when the server does not answer. Only where
 * {@link knowsGoTrust}.
 */
export async function goDistrust(
    origin: string,
    { env, timeoutMs }: { readonly env: NodeJS.ProcessEnv; readonly timeoutMs: number },
): Promise<CertificateFault | undefined> {
    const transport = new Transport({
        requestTimeoutMs: timeoutMs,
        bodyBytesMax: 64 * 1024,
        env,
        trust: Trust.Go,
    });
    try {
        await transport.send({ method: "GET", url: new URL("/v2/", origin), headers: {} });
        return undefined;
    } catch (error) {
        return error instanceof RequestError ? certificateFault(error.cause) : undefined;
    } finally {
        transport.close();
    }
}
