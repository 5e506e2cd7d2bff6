import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeAtomically } from "./files";
import type { Places } from "./places";
import { freePort } from "./ports";

export const Scheme = { Https: "https", Http: "http" } as const;
export type Scheme = (typeof Scheme)[keyof typeof Scheme];

/** The permanent state of a data folder's sandbox: its ports are part of every image reference. */
export interface State {
    readonly scheme: Scheme;
    readonly harborPort: number;
    readonly mirrorPort: number;
    /** Secret that only the two registries know. */
    readonly registrySecret: string;
    /** Whether this machine reaches Docker Hub directly; then there is no mirror. */
    readonly reachesDockerHub: boolean;
}

const statePath = (places: Places): string => join(places.dataDir, "state.json");
const passwordPath = (places: Places): string => join(places.dataDir, "admin.password");

export function readState(places: Places): State | undefined {
    if (!existsSync(statePath(places))) {
        return undefined;
    }
    // Only ensureState writes the file, atomically, so it has the shape of a State.
    return JSON.parse(readFileSync(statePath(places), "utf8")) as State;
}

/** The state of the folder, created at the first call. */
export async function ensureState(
    places: Places,
    scheme: Scheme | undefined,
    reachesDockerHub: () => Promise<boolean>,
): Promise<State> {
    const found = readState(places);
    if (found !== undefined && (scheme === undefined || scheme === found.scheme)) {
        return found;
    }
    const harborPort = found?.harborPort ?? (await freePort());
    const state: State = {
        scheme: scheme ?? Scheme.Https,
        harborPort,
        mirrorPort: found?.mirrorPort ?? (await freePort([harborPort])),
        registrySecret: found?.registrySecret ?? randomBytes(16).toString("hex"),
        reachesDockerHub: found?.reachesDockerHub ?? (await reachesDockerHub()),
    };
    writeAtomically(statePath(places), JSON.stringify(state, undefined, 4), 0o600);
    return state;
}

/** The password of `admin`: generated once per installation, readable only by its owner. */
export function ensurePassword(places: Places): string {
    const path = passwordPath(places);
    if (!existsSync(path)) {
        writeAtomically(path, `Aa1${randomBytes(18).toString("base64url")}\n`, 0o600);
    }
    return readPassword(places);
}

export const readPassword = (places: Places): string =>
    readFileSync(passwordPath(places), "utf8").trim();
