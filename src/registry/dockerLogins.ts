import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { type RegistryCredentials, registryHost } from "./credentials";
import { record } from "./json";

/**
 * Logins that `docker login` left in Docker's configuration, by registry host. Those in a
 * credential helper are left out, since docker-build 0.0.22 does not ask helpers either.
 *
 * @param env where `DOCKER_CONFIG` is looked up; the folder `.docker` of the user's home without it.
 */
export function dockerLogins(env: NodeJS.ProcessEnv): ReadonlyMap<string, RegistryCredentials> {
    const folder = env["DOCKER_CONFIG"] || join(homedir(), ".docker");
    const { auths } = record(readJson(join(folder, "config.json")));
    const logins = new Map<string, RegistryCredentials>();
    for (const [address, entry] of Object.entries(record(auths))) {
        const credentials = parseEntry(entry);
        if (credentials !== undefined) {
            logins.set(registryHost(address), credentials);
        }
    }
    return logins;
}

// Shape: `auths` of https://github.com/docker/cli/blob/v28.0.0/cli/config/types/authconfig.go
function parseEntry(entry: unknown): RegistryCredentials | undefined {
    const { auth, username, password } = record(entry);
    if (typeof auth === "string" && auth !== "") {
        const pair = Buffer.from(auth, "base64").toString("utf8").replace(/\0+$/, "");
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
        return undefined; // no login is kept there: what follows says which one is missing
    }
}
