import { Problem } from "./problem";

/** A Harbor and the account that declares things in it. */
export interface HarborAccess {
    readonly url: string;
    readonly username: string;
    readonly password: string;
    /** Whether its certificate is taken unverified. */
    readonly ignoreCertificate: boolean;
    /** Certificate authority to trust besides the system's; the sandbox's own. */
    readonly caFile?: string;
}

/**
 * The Harbor that the environment gives, or undefined when it gives none.
 *
 * @throws Problem naming each variable that is missing or cannot be used.
 */
export function givenHarbor(environment: NodeJS.ProcessEnv): HarborAccess | undefined {
    const url = environment["HARBOR_URL"];
    if (!url) {
        return undefined;
    }
    const faults: string[] = [];
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
        faults.push(`HARBOR_URL: "${url}" is no URL; expected https://HOST or http://HOST`);
    }
    const { HARBOR_USERNAME: username = "", HARBOR_PASSWORD: password = "" } = environment;
    if (username === "") {
        faults.push("HARBOR_USERNAME: missing; expected the account that declares the project");
    }
    if (password === "") {
        faults.push("HARBOR_PASSWORD: missing; expected the account's password");
    }
    const ignore = environment["HARBOR_IGNORE_CERT"] ?? "";
    if (!["", "true", "false", "1", "0"].includes(ignore)) {
        faults.push(`HARBOR_IGNORE_CERT: "${ignore}" is neither true nor false`);
    }
    if (faults.length > 0) {
        throw new Problem(["a Harbor is given, but not all of it:", ...faults].join("\n  "));
    }
    const ignoreCertificate = ignore === "true" || ignore === "1";
    return { url: url.replace(/\/+$/, ""), username, password, ignoreCertificate };
}
