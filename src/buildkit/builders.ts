import { readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** One BuildKit of a builder, as buildx stores it (buildx 0.35, store/nodegroup.go). */
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
 * The BuildKits that docker-build may use: the nodes of the builder that `docker buildx use` selected,
 * else of all builders by name, as docker-build 0.0.22 tries them. Without those of the driver `docker`.
 */
export function builderNodes(env: NodeJS.ProcessEnv): readonly BuilderNode[] {
    const docker = env["DOCKER_CONFIG"] || join(homedir(), ".docker");
    const folder = env["BUILDX_CONFIG"] || join(docker, "buildx");
    const selected = read(join(folder, "current"))["Name"];
    const names = instances(folder);
    const chosen =
        typeof selected === "string" && names.includes(selected)
            ? [selected]
            : names.slice(0, buildersMax);
    return chosen.flatMap((name) => nodesOf(name, read(join(folder, "instances", name))));
}

function instances(folder: string): readonly string[] {
    try {
        return readdirSync(join(folder, "instances")).sort();
    } catch {
        return []; // no builder is set up
    }
}

function nodesOf(
    builder: string,
    { Driver, Nodes }: Readonly<Record<string, unknown>>,
): readonly BuilderNode[] {
    if (typeof Driver !== "string" || Driver === "" || Driver === "docker") {
        return [];
    }
    const nodes = Array.isArray(Nodes) ? Nodes.map(record) : [];
    return nodes.map(({ Endpoint, DriverOpts }) => ({
        builder,
        driver: Driver,
        endpoint: typeof Endpoint === "string" ? Endpoint : "",
        options: Object.fromEntries(
            Object.entries(record(DriverOpts)).map(([key, value]) => [key, String(value)]),
        ),
    }));
}

function read(file: string): Readonly<Record<string, unknown>> {
    try {
        return record(JSON.parse(readFileSync(file, "utf8")));
    } catch {
        return {}; // docker-build reports a file that it cannot read
    }
}

// Every object can be read by key.
const record = (value: unknown) =>
    (typeof value === "object" && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
