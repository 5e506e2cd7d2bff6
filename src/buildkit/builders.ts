import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { asRecord, asRecords, asText } from "../text/lenientJson";

/** A builder as buildx stores it (buildx 0.35, store/nodegroup.go). */
export interface Builder {
    readonly name: string;
    readonly driver: string;
    readonly nodes: readonly BuilderNode[];
}

/** One BuildKit of a builder. */
export interface BuilderNode {
    readonly builder: string;
    readonly driver: string;
    /** Address of a remote BuildKit: `unix:///…` or `tcp://…`. */
    readonly endpoint: string;
    /** Options of the driver, such as the certificates of a remote BuildKit. */
    readonly options: Readonly<Record<string, string>>;
}

/** Maximum number of builders to search. */
const buildersMax = 4;

/**
 * The BuildKits that docker-build may use: the nodes of the given builder, else of the one that `docker
 * buildx use` selected, else of all builders by name, as docker-build 0.0.22 tries them. Without those
 * of the driver `docker`.
 */
export function builderNodes(env: NodeJS.ProcessEnv, given?: string): readonly BuilderNode[] {
    const folder = buildxFolder(env);
    const names = namesIn(folder);
    const selected = given ?? selectedBuilder(env);
    // buildx stores builders by their names in lower case.
    const found = names.filter((name) => name === selected.toLowerCase());
    const isChosen = given !== undefined || found.length > 0;
    const chosen = isChosen ? found : names.slice(0, buildersMax);
    return chosen
        .map((name) => readBuilder(folder, name))
        .filter(({ driver }) => driver !== "docker")
        .flatMap(({ nodes }) => nodes);
}

/**
 * Whether other machines may use a builder too: the BuildKits of all drivers but these two run in this
 * machine's Docker.
 */
export function isShared({ driver }: { readonly driver: string }): boolean {
    return driver !== "docker" && driver !== "docker-container";
}

/** The name of the builder that `docker buildx use` selected; empty for none. */
export const selectedBuilder = (env: NodeJS.ProcessEnv): string =>
    asText(read(join(buildxFolder(env), "current"))["Name"]);

/** Every builder on this machine, by name. Skips files that are not those of a builder. */
export function readBuilders(env: NodeJS.ProcessEnv): readonly Builder[] {
    const folder = buildxFolder(env);
    return namesIn(folder)
        .map((name) => readBuilder(folder, name))
        .filter(({ driver }) => driver !== "");
}

/** Whether a builder is set up where docker-build 0.0.22 looks it up. */
export const hasBuilders = (env: NodeJS.ProcessEnv): boolean =>
    namesIn(buildxFolder(env)).length > 0;

/**
 * Whether a builder is a Docker daemon's own (driver `docker`), which buildx names after Docker's context.
 * docker-build 0.0.22 does not have this driver, and starts a BuildKit container instead.
 */
export function isDaemon(env: NodeJS.ProcessEnv, name: string): boolean {
    if (namesIn(buildxFolder(env)).includes(name.toLowerCase())) return false;
    // As Docker stores contexts: docker/cli, cli/context/store.
    const id = createHash("sha256").update(name).digest("hex");
    return name === "default" || existsSync(join(dockerFolder(env), "contexts", "meta", id));
}

const dockerFolder = (env: NodeJS.ProcessEnv): string =>
    env["DOCKER_CONFIG"] || join(homedir(), ".docker");

// As buildx places it: util/confutil, v0.35.
const buildxFolder = (env: NodeJS.ProcessEnv): string =>
    env["BUILDX_CONFIG"] || join(dockerFolder(env), "buildx");

function namesIn(folder: string): readonly string[] {
    try {
        return readdirSync(join(folder, "instances")).sort();
    } catch {
        return []; // no builder is set up
    }
}

function readBuilder(folder: string, name: string): Builder {
    const { Driver, Nodes } = read(join(folder, "instances", name));
    const driver = asText(Driver);
    const nodes = driver === "" ? [] : asRecords(Nodes);
    return {
        name,
        driver,
        nodes: nodes.map(({ Endpoint, DriverOpts }) => ({
            builder: name,
            driver,
            endpoint: asText(Endpoint),
            options: Object.fromEntries(
                Object.entries(asRecord(DriverOpts)).map(([key, value]) => [key, String(value)]),
            ),
        })),
    };
}

function read(file: string): Readonly<Record<string, unknown>> {
    try {
        return asRecord(JSON.parse(readFileSync(file, "utf8")));
    } catch {
        return {}; // docker-build reports a file that it cannot read
    }
}
