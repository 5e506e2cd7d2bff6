import { existsSync, rmSync } from "node:fs";
import {
    type BuildkitOptions,
    buildkitAddress,
    eraseBuildkit,
    type RegistryEntry,
    startBuildkit,
    stopBuildkit,
} from "./buildkit";
import { certificatesIn, ensureCertificates } from "./certificates";
import { ensureDaemon, isRunning, isUpToDate, stopDaemon } from "./daemon";
import { clearRegistrySocket, harborDaemon } from "./harborDaemon";
import type { ImageParts } from "./images/baseImages";
import { locked } from "./lock";
import { ensureMirror, reachesDockerHub } from "./mirror";
import { makePlaces, type Places, placesOf } from "./places";
import { requirePort } from "./ports";
import { harborRegistry } from "./registries";
import { SandboxError } from "./sandboxError";
import { ensurePassword, ensureState, readPassword, readState, Scheme, type State } from "./state";
import { clientBundle, type TrustBundles, writeTrust } from "./trust";

export { type RegistryEntry, SandboxError, Scheme };

/** Paths of the programs and files that the sandbox needs. */
export interface SandboxTools extends ImageParts {
    readonly buildkitd: string;
    readonly runc: string;
    readonly registry: string;
    /** Node.js that runs the Harbor server; >= 22.13. @default the one running this */
    readonly node?: string;
}

/** An existing Harbor. */
export interface GivenHarbor {
    readonly url: string;
    /** Skip verification of its certificate. @default false */
    readonly ignoreCertificate?: boolean;
}

export interface SandboxOptions {
    /** Folder of the sandbox's data. */
    readonly dataDir: string;
    readonly tools: SandboxTools;
    /** With a Harbor given, only the base-image mirror and BuildKit run here. */
    readonly given?: GivenHarbor | undefined;
    /** Scheme of the sandbox's Harbor. @default the previous scheme; at first https */
    readonly scheme?: Scheme;
    /**
     * PEM files of certificate authorities that every program trusts in addition to the machine's.
     * @default none
     */
    readonly authorities?: readonly string[];
    /** Whether BuildKit prunes nothing, however full the disk is. @default false */
    readonly keepsCache?: boolean | undefined;
    /** Further registries for BuildKit, by host. */
    readonly registries?: Readonly<Record<string, RegistryEntry>>;
}

/** The sandbox's own Harbor and its administrator. */
export interface SandboxHarbor {
    readonly url: string;
    /** Host and port: the first part of every image reference. */
    readonly host: string;
    readonly scheme: Scheme;
    readonly username: string;
    readonly password: string;
    /** PEM of its authority; undefined over http. */
    readonly caFile: string | undefined;
}

export interface Sandbox {
    readonly dataDir: string;
    /**
     * PEM of the certificate authorities that clients trust: the machine's, the given ones, the
     * sandbox's.
     */
    readonly caBundle: string;
    /** Undefined when a Harbor is given. */
    readonly harbor: SandboxHarbor | undefined;
    /** `unix:///…`, for buildx and buildctl. */
    readonly buildkitAddress: string;
    /** Where the base images are; undefined where Docker Hub itself is reached. */
    readonly mirror: { readonly url: string; readonly host: string } | undefined;
}

const loopback = (port: number): string => `127.0.0.1:${port}`;
const harborUrl = ({ scheme, harborPort }: State): string => `${scheme}://${loopback(harborPort)}`;

function describe(places: Places, state: State, hasHarbor: boolean): Sandbox {
    const host = loopback(state.harborPort);
    const mirror = loopback(state.mirrorPort);
    const { caFile } = certificatesIn(places.certificates);
    return {
        dataDir: places.dataDir,
        caBundle: clientBundle(places),
        harbor: hasHarbor
            ? {
                  url: harborUrl(state),
                  host,
                  scheme: state.scheme,
                  username: "admin",
                  password: readPassword(places),
                  caFile: state.scheme === Scheme.Https ? caFile : undefined,
              }
            : undefined,
        buildkitAddress: buildkitAddress(places),
        mirror: state.reachesDockerHub ? undefined : { url: `http://${mirror}`, host: mirror },
    };
}

/**
 * Starts the parts that do not run, in processes that outlive the caller. Finds running parts
 * within milliseconds. The ports are chosen once per data folder and stay.
 *
 * @throws SandboxError that explains what to do.
 */
export async function ensureSandbox(
    options: SandboxOptions & { readonly given?: undefined },
): Promise<Sandbox & { readonly harbor: SandboxHarbor }>;
export async function ensureSandbox(options: SandboxOptions): Promise<Sandbox>;
export async function ensureSandbox(options: SandboxOptions): Promise<Sandbox> {
    const places = placesOf(options.dataDir);
    makePlaces(places);
    return locked(places, async () => {
        const state = await ensureState(places, options.scheme, reachesDockerHub);
        ensurePassword(places);
        const trust = await ensureTrust(places, state, options);
        const parts = { ...options.tools, caBundle: trust.forBuilds };
        const work = [ensureBaseImages(places, state, { ...options, tools: parts })];
        if (options.given === undefined) {
            work.push(ensureHarbor(places, state, options.tools));
        }
        await all(work);
        await startBuildkit(places, {
            buildkitd: options.tools.buildkitd,
            runc: options.tools.runc,
            caBundle: trust.forClients,
            keepsCache: options.keepsCache,
            registries: registriesOf(state, options),
        });
        return describe(places, state, options.given === undefined);
    });
}

/** Waits for all, so that nothing continues after the first failure. */
async function all(work: readonly Promise<void>[]): Promise<void> {
    for (const result of await Promise.allSettled(work)) {
        if (result.status === "rejected") {
            throw result.reason;
        }
    }
}

async function ensureBaseImages(
    places: Places,
    state: State,
    { tools }: SandboxOptions,
): Promise<void> {
    if (!state.reachesDockerHub) {
        await requirePort("mirror", state.mirrorPort, places, isRunning(places, "mirror"));
        await ensureMirror(places, state, tools.registry, tools);
    }
}

async function ensureTrust(
    places: Places,
    state: State,
    { tools, given, authorities = [] }: SandboxOptions,
): Promise<TrustBundles> {
    const isOwn = given === undefined && state.scheme === Scheme.Https;
    const own = isOwn ? (await ensureCertificates(places.certificates)).caFile : undefined;
    return writeTrust(places, { machine: tools.caBundle, given: authorities, own });
}

async function ensureHarbor(places: Places, state: State, tools: SandboxTools): Promise<void> {
    await requirePort("harbor", state.harborPort, places, isRunning(places, "harbor"));
    const registry = harborRegistry(places, state, tools.registry);
    if (!isUpToDate(places, registry)) {
        await stopDaemon(places, registry.name);
        clearRegistrySocket(places);
        await ensureDaemon(places, registry);
    }
    await ensureDaemon(places, harborDaemon(places, state, tools.node ?? process.execPath));
}

function registriesOf(
    state: State,
    { given, registries }: SandboxOptions,
): Record<string, RegistryEntry> {
    const mirror = loopback(state.mirrorPort);
    return {
        ...(state.reachesDockerHub
            ? {}
            : { "docker.io": { mirrors: [mirror] }, [mirror]: { http: true } }),
        ...(given === undefined
            ? { [loopback(state.harborPort)]: { http: state.scheme === Scheme.Http } }
            : givenEntry(given)),
        ...registries,
    };
}

function givenEntry(given: GivenHarbor): Record<string, RegistryEntry> {
    const { host, protocol } = new URL(given.url);
    return {
        [host]: { http: protocol === "http:", insecure: given.ignoreCertificate ?? false },
    };
}

/** The running parts for this data folder; undefined when nothing was ever started there. */
export function readSandbox(dataDir: string): Sandbox | undefined {
    const places = placesOf(dataDir);
    const state = readState(places);
    if (state === undefined || !isRunning(places, "buildkitd")) {
        return undefined;
    }
    return describe(places, state, isRunning(places, "harbor"));
}

/** The address of this data folder's own Harbor; undefined when there never was one. */
export function sandboxHarborUrl(dataDir: string): string | undefined {
    const state = readState(placesOf(dataDir));
    return state === undefined ? undefined : harborUrl(state);
}

/** Stops only what was started for this data folder. The data stays. */
export async function stopSandbox(dataDir: string): Promise<void> {
    const places = placesOf(dataDir);
    if (!existsSync(places.run)) {
        return;
    }
    await locked(places, async () => {
        await stopBuildkit(places);
        await stopDaemon(places, "harbor");
        await stopDaemon(places, "registry");
        await stopDaemon(places, "mirror");
        rmSync(places.sockets, { recursive: true, force: true });
    });
}

/** Deletes BuildKit's state, as on a new CI runner, and starts it again. */
export async function wipeBuildkit(options: SandboxOptions): Promise<void> {
    const places = placesOf(options.dataDir);
    await locked(places, async () => {
        await stopBuildkit(places);
        eraseBuildkit(places);
    });
    await ensureSandbox(options);
}

/** A second BuildKit that starts empty; stopping it leaves nothing behind. */
export async function startEmptyBuildkit(
    options: SandboxOptions,
    name: string,
    tcp?: BuildkitOptions["tcp"],
): Promise<{ readonly address: string; stop(): Promise<void> }> {
    const places = placesOf(options.dataDir);
    const state = readState(places);
    if (state === undefined) {
        throw new SandboxError(`${places.dataDir} contains no sandbox: start it first`);
    }
    const stop = async (): Promise<void> => {
        await stopBuildkit(places, name);
        eraseBuildkit(places, name);
    };
    await stop();
    const { buildkitd, runc } = options.tools;
    const { keepsCache } = options;
    const registries = registriesOf(state, options);
    const caBundle = clientBundle(places);
    const started = { name, buildkitd, runc, caBundle, keepsCache, registries, tcp };
    return {
        address: await startBuildkit(places, started),
        stop,
    };
}
