import { expand, isUnknown, type Lookup, type Value } from "./expand";
import { type DockerfileFailure, Refusal } from "./failure";
import type { Assignment } from "./instruction";
import type { BuildOptions } from "./options";
import type { Dockerfile } from "./parse";

/** Variables by name; what is not in it is unset. */
export type Variables = ReadonlyMap<string, Value>;

/** Build arguments that BuildKit takes without an ARG and that never become variables. */
const proxyNames = ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"];

/** Whether a build argument works without an ARG: proxies and BuildKit's own settings. */
export function isPredefinedArg(name: string): boolean {
    return (
        proxyNames.includes(name.toLowerCase()) ||
        name.startsWith("BUILDKIT_") ||
        name.startsWith("BUILDKIT:") ||
        name === "SOURCE_DATE_EPOCH"
    );
}

/** The variables FROM may use: the platform's, and the ARGs before the first FROM. */
export function globalVariables(
    dockerfile: Dockerfile,
    options: BuildOptions,
): { variables: Variables; failures: readonly DockerfileFailure[] } {
    const variables = new Map(platformVariables(dockerfile, options));
    const failures: DockerfileFailure[] = [];
    for (const { body, line } of dockerfile.globalArgs) {
        if (body.kind !== "arg") continue;
        for (const { name, value } of body.args) {
            try {
                const given = givenArg(options, name);
                const result =
                    given ??
                    expandOptional(value, lookupIn(variables), dockerfile.directives.escape);
                if (result !== undefined) variables.set(name, result);
            } catch (cause) {
                if (!(cause instanceof Refusal)) throw cause;
                failures.push({ line, reason: cause.message });
            }
        }
    }
    return { variables, failures };
}

/** Stands for the value of every build argument when none of them is known. */
export const unknownBuildArgs = {
    unknown: "the build arguments are known only when the program runs",
};

/** The value given for a build argument; undefined when none is. */
export function givenArg(options: BuildOptions, name: string): Value | undefined {
    const given = options.buildArgs ?? {};
    if (given === "unknown") return unknownBuildArgs;
    return Object.hasOwn(given, name) ? given[name] : undefined;
}

/** Looks variables up in a map. */
export function lookupIn(variables: Variables): Lookup {
    return (name) => variables.get(name);
}

function platformVariables(dockerfile: Dockerfile, options: BuildOptions): Variables {
    const builder = { unknown: "it hangs on the platform of the BuildKit that builds" };
    const [os, architecture, variant = ""] = options.platform?.split("/") ?? [];
    const target = (value: string | undefined): Value =>
        value ?? { unknown: "it hangs on the target platform, which is not given" };
    const built =
        typeof options.target === "number"
            ? dockerfile.stages[options.target]
            : dockerfile.stages.at(-1);
    const named = typeof options.target === "string" ? options.target : built?.from.name;
    const stage = named || "default";
    const variables: [string, Value][] = [
        ["BUILDPLATFORM", builder],
        ["BUILDOS", builder],
        ["BUILDOSVERSION", builder],
        ["BUILDARCH", builder],
        ["BUILDVARIANT", builder],
        ["TARGETPLATFORM", target(options.platform)],
        ["TARGETOS", target(os)],
        ["TARGETOSVERSION", target(os === undefined ? undefined : "")],
        ["TARGETARCH", target(architecture)],
        ["TARGETVARIANT", target(architecture === undefined ? undefined : variant)],
        ["TARGETSTAGE", stage],
    ];
    return new Map(variables.map(([name, value]) => [name, givenArg(options, name) ?? value]));
}

/** The variables one stage has at the instruction that is being looked at. */
export class StageVariables {
    private readonly values: Map<string, Value>;
    private readonly globals: Variables;
    private readonly options: BuildOptions;
    private readonly escapeChar: string;
    /** Why a variable that is not in the map is not known to be unset; undefined if it is. */
    private beyond: string | undefined;

    constructor(
        start: { values: Variables; beyond: string | undefined },
        globals: Variables,
        options: BuildOptions,
        escapeChar: string,
    ) {
        this.values = new Map(start.values);
        this.beyond = start.beyond;
        this.globals = globals;
        this.options = options;
        this.escapeChar = escapeChar;
    }

    /** The variables as they stand now, for a stage built on this one. */
    snapshot(): { values: Variables; beyond: string | undefined } {
        return { values: new Map(this.values), beyond: this.beyond };
    }

    /** Expands one word of an instruction. @throws Refusal */
    expand(word: string): Value {
        return expand(word, (name) => this.lookup(name), this.escapeChar);
    }

    /** Runs an ARG: the given value wins over the default, that over the global one. */
    declareArgs(args: readonly Assignment[]): void {
        for (const { name, value } of args) {
            const result =
                givenArg(this.options, name) ??
                expandOptional(value, (other) => this.lookup(other), this.escapeChar) ??
                this.globals.get(name);
            if (result !== undefined) this.values.set(name, result);
        }
    }

    /** Runs an ENV: every value of one instruction sees the variables from before it. */
    assign(pairs: readonly Assignment[]): void {
        const results = pairs.map(
            ({ name, value = "" }) => [this.expand(name), this.expand(value)] as const,
        );
        for (const [name, value] of results) {
            if (isUnknown(name)) this.forget("an ENV before it sets a name that is unknown");
            else this.values.set(name, value);
        }
    }

    private forget(reason: string): void {
        this.values.clear();
        this.beyond = reason;
    }

    private lookup(name: string): Value | undefined {
        const value = this.values.get(name);
        if (value !== undefined || this.beyond === undefined) return value;
        return { unknown: `$${name} is not set in the Dockerfile and ${this.beyond}` };
    }
}

function expandOptional(
    value: string | undefined,
    lookup: Lookup,
    escapeChar: string,
): Value | undefined {
    return value === undefined ? undefined : expand(value, lookup, escapeChar);
}
