import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { addressFault, baseAddress, parseSwitch } from "../../src/harbor/address";
import { sandboxHarborUrl } from "../sandbox/sandbox";
import { Problem } from "./problem";
import { forgetQuickstartProject, type Workspace } from "./workspace";

/** A Harbor and the account that declares things in it. */
export interface HarborAccess {
    readonly url: string;
    readonly username: string;
    readonly password: string;
    /** Whether to skip the verification of the certificate. */
    readonly ignoreCertificate: boolean;
    /** PEM of the trusted authorities, if Harbor needs more than the machine's. */
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
    const noAddress = addressFault(url);
    if (noAddress !== undefined) {
        faults.push(`HARBOR_URL: ${noAddress}`);
    }
    const { HARBOR_USERNAME: username = "", HARBOR_PASSWORD: password = "" } = environment;
    if (username === "") {
        faults.push("HARBOR_USERNAME: missing. Set it to the account that declares the project");
    }
    if (password === "") {
        faults.push("HARBOR_PASSWORD: missing. Set it to the password of that account");
    }
    const ignore = environment["HARBOR_IGNORE_CERT"] || "false";
    const ignoreCertificate = parseSwitch(ignore);
    if (ignoreCertificate === undefined) {
        faults.push(`HARBOR_IGNORE_CERT: "${ignore}" is not a switch. Expected true or false`);
    }
    if (faults.length > 0 || ignoreCertificate === undefined) {
        throw new Problem(
            ["HARBOR_URL names a Harbor that cannot be used:", ...faults].join("\n  "),
        );
    }
    return { url: baseAddress(url), username, password, ignoreCertificate };
}

/**
 * Keeps the clone's stack on one Harbor until the stack is destroyed. On another Harbor Pulumi would
 * find none of the resources, drop them from the state, and leave them in the first Harbor.
 *
 * @throws Problem when the stack is on another Harbor.
 */
export async function holdHarbor(workspace: Workspace, { url }: HarborAccess): Promise<void> {
    const held = await heldHarbor(workspace);
    if (held === undefined) {
        await writeFile(heldFile(workspace), url);
    } else if (held !== url) {
        throw otherHarbor(workspace, held, url);
    }
}

/** The URL of the stack's Harbor; undefined without a stack. */
export async function heldHarbor(workspace: Workspace): Promise<string | undefined> {
    return readFile(heldFile(workspace), "utf8").catch(() => undefined);
}

/** The error of a command that would look for the stack on another Harbor. */
export function otherHarbor(workspace: Workspace, held: string, url: string): Problem {
    const fix =
        held === sandboxHarborUrl(workspace.sandboxDir)
            ? "unset HARBOR_URL"
            : `set HARBOR_URL=${held}, with HARBOR_USERNAME and HARBOR_PASSWORD`;
    return new Problem(
        `this clone's stack is on ${held}, and the environment names ${url}. Fix: ${fix}. ` +
            "To use another Harbor, first run npm run down",
    );
}

/** Allows the next stack to use any Harbor. */
export async function releaseHarbor(workspace: Workspace): Promise<void> {
    await rm(heldFile(workspace), { force: true });
    await forgetQuickstartProject(workspace);
}

function heldFile({ privateDir }: Workspace): string {
    return join(privateDir, "harbor-url");
}
