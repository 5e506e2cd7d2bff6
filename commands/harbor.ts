import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Problem } from "./problem";
import type { Workspace } from "./workspace";

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

/**
 * Holds the clone's stack to one Harbor until it is destroyed: on another one nothing of it would be
 * found, so it would be forgotten here and stay there.
 *
 * @throws Problem when the stack is on another Harbor.
 */
export async function holdHarbor(workspace: Workspace, { url }: HarborAccess): Promise<void> {
    const held = await readFile(heldFile(workspace), "utf8").catch(() => undefined);
    if (held === undefined) {
        await writeFile(heldFile(workspace), url);
    } else if (held !== url) {
        throw new Problem(
            `this clone's stack is on ${held}, and now it would be looked for on ${url}. Give the ` +
                "former again (HARBOR_URL and the rest; none of them for the sandbox's), and " +
                "npm run down before another one is used",
        );
    }
}

/** Lets the next stack be on any Harbor. */
export async function releaseHarbor(workspace: Workspace): Promise<void> {
    await rm(heldFile(workspace), { force: true });
}

function heldFile({ privateDir }: Workspace): string {
    return join(privateDir, "harbor-url");
}
