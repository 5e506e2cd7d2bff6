import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { asRecord } from "../text/lenientJson";
import { trimEnd } from "../text/trimEnd";
import { type RegistryCredentials, registryHost } from "./credentials";

/**
 * Logins of `docker login` in Docker's configuration, by registry host. Skips logins in a credential
 * helper, since docker-build 0.0.22 does not ask helpers either.
 *
 * @param env environment with `DOCKER_CONFIG`; the default is `.docker` in the user's home.
 */
export function dockerLogins(env: NodeJS.ProcessEnv): ReadonlyMap<string, RegistryCredentials> {
    const folder = env["DOCKER_CONFIG"] || join(homedir(), ".docker");
    const { auths } = asRecord(readJson(join(folder, "config.json")));
    const logins = new Map<string, RegistryCredentials>();
    for (const [address, entry] of Object.entries(asRecord(auths))) {
        const credentials = parseEntry(entry);
        if (credentials !== undefined) {
            logins.set(registryHost(address), credentials);
        }
    }
    return logins;
}

// Shape: `auths` of https://github.com/docker/cli/blob/v28.0.0/cli/config/types/authconfig.go
function parseEntry(entry: unknown): RegistryCredentials | undefined {
    const { auth, username, password } = asRecord(entry);
    if (typeof auth === "string" && auth !== "") {
        const pair = trimEnd(Buffer.from(auth, "base64").toString("utf8"), "\0");
        const at = pair.indexOf(":");
        return at < 1 ? undefined : { username: pair.slice(0, at), password: pair.slice(at + 1) };
    }
    return typeof username === "string" && typeof password === "string" && username !== ""
        ? { username, password }
        : undefined;
}

function readJson(path: string): unknown {
    try {
        return JSON.parse(readFileSync(path, "utf8"));
    } catch {
        return undefined; // no stored login; a later message names the missing one
    }
}
