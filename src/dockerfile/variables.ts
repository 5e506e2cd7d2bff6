import { posix } from "node:path";
import { formatPlatform, type Platform, parsePlatform } from "../oci/platform";
import { expand, expandDocument, expandWords, isUnknown, type Lookup, type Value } from "./expand";
import { attempt, type DockerfileFailure } from "./failure";
import type { Assignment } from "./instruction";
import { gap } from "./lexer";
import type { BuildOptions } from "./options";
import type { Dockerfile } from "./parse";

/** Variables by name; a name that is missing is unset. */
export type Variables = ReadonlyMap<string, Value>;

/** Build arguments that BuildKit accepts without an ARG and that never become variables. */
const proxyNames = ["http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"];

/** Whether a build argument works without an ARG: proxies and BuildKit's own settings. */
export function isPredefinedArg(name: string): boolean {
    return (
        isProxyArg(name) ||
        name.startsWith("BUILDKIT_") ||
        name.startsWith("BUILDKIT:") ||
        name === "SOURCE_DATE_EPOCH"
    );
}

/** Whether a build argument is a proxy, which BuildKit gives to every RUN. */
export function isProxyArg(name: string): boolean {
    return proxyNames.includes(name.toLowerCase());
}

/** Arguments that FROM may use and that BuildKit also reads itself. */
export const builtInGlobals = [
    "SOURCE_DATE_EPOCH",
    "BUILDKIT_SBOM_SCAN_CONTEXT",
    "BUILDKIT_SBOM_SCAN_STAGE",
];

/**
 * Arguments that BuildKit sets. A given build argument overrides BuildKit's value, even without an
 * ARG.
 */
export const platformNames: ReadonlySet<string> = new Set([
    ...["BUILDPLATFORM", "BUILDOS", "BUILDOSVERSION", "BUILDARCH", "BUILDVARIANT"],
    ...["TARGETPLATFORM", "TARGETOS", "TARGETOSVERSION", "TARGETARCH", "TARGETVARIANT"],
    "TARGETSTAGE",
]);

/** The variables that FROM can use: the platform's, and the ARGs before the first FROM. */
export function globalVariables(
    dockerfile: Dockerfile,
    options: BuildOptions,
): { variables: Variables; failures: readonly DockerfileFailure[] } {
    const failures: DockerfileFailure[] = [];
    const variables = new Map(platformVariables(dockerfile, options));
    for (const { body, line } of dockerfile.globalArgs) {
        if (body.kind !== "arg") continue;
        for (const { name, value } of body.args) {
            const { escape: escapeChar } = dockerfile.directives;
            const result =
                givenArg(options, name) ??
                attempt(failures, line, () =>
                    expandOptional(value, lookupIn(variables), escapeChar),
                );
            if (result !== undefined) variables.set(name, result);
        }
    }
    return { variables, failures };
}

/** The value of every build argument when all arguments are unknown. */
export const unknownBuildArgs = {
    unknown: "the build arguments are known only when the program runs",
};

/** The value given for a build argument; undefined without one. */
export function givenArg(options: BuildOptions, name: string): Value | undefined {
    const given = options.buildArgs ?? {};
    if (given === "unknown") return unknownBuildArgs;
    return Object.hasOwn(given, name) ? given[name] : undefined;
}

/** A lookup of variables in a map. */
export function lookupIn(variables: Variables): Lookup {
    return (name) => variables.get(name);
}

function platformVariables(dockerfile: Dockerfile, options: BuildOptions): Variables {
    const builder = "depends on the platform of the builder";
    const notGiven = "depends on the target platform, which is not set; set `platforms`";
    const target = options.platform === undefined ? undefined : parsePlatform(options.platform);
    const stage = options.target || dockerfile.stages.at(-1)?.from.name || "default";
    const variables: [string, Value][] = [
        ...machineVariables("BUILD", undefined, builder),
        ...machineVariables("TARGET", target, notGiven),
        ["TARGETSTAGE", stage],
    ];
    return new Map(variables.map(([name, value]) => [name, givenArg(options, name) ?? value]));
}

/** BuildKit's variables for a platform; without a platform, the system is Linux. */
function machineVariables(
    prefix: "BUILD" | "TARGET",
    platform: Platform | undefined,
    unknown: string,
): [string, Value][] {
    const os = platform?.os ?? "linux";
    const unknownPart: Value = { unknown: `it ${unknown}` };
    const isKnown = platform?.architecture !== undefined;
    const whole: Value = isKnown
        ? formatPlatform(platform)
        : { ...unknownPart, like: `${os}/${gap}` };
    return [
        [`${prefix}PLATFORM`, whole],
        [`${prefix}OS`, os],
        [`${prefix}OSVERSION`, platform?.osVersion ?? ""],
        [`${prefix}ARCH`, platform?.architecture ?? unknownPart],
        [`${prefix}VARIANT`, isKnown ? platform.variant : unknownPart],
    ];
}

/** The PATH that BuildKit sets when the base image sets none. */
const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What a stage inherits from the stage that it is built on. */
export interface StageEnd {
    /** Variables of ARG and ENV. */
    readonly values: Variables;
    /** Variables that the image's ENV sets: BuildKit sets them again at the start of a stage. */
    readonly image: Variables;
    /**
     * Why a variable that is missing here may still be set; undefined when it is certainly unset.
     */
    readonly beyond: string | undefined;
    /** The working directory. */
    readonly directory: Value;
}

/** The state at the start of a stage on scratch, or on an image with known variables. */
export function imageStart(env: Readonly<Record<string, string>>, directory: Value): StageEnd {
    const image = new Map(Object.entries({ PATH: defaultPath, ...env }));
    return { values: new Map(), image, beyond: undefined, directory };
}

/** The state at the start of a stage on an unknown base. */
export function unknownStart(beyond: string): StageEnd {
    return { values: new Map(), image: new Map(), beyond, directory: { unknown: beyond } };
}

/** The variables of one stage at the current instruction. */
export class StageVariables {
    private readonly values: Map<string, Value>;
    private readonly image: Map<string, Value>;
    private readonly globals: Variables;
    private readonly options: BuildOptions;
    private readonly escapeChar: string;
    private beyond: string | undefined;
    private workingDirectory: Value;

    constructor(start: StageEnd, globals: Variables, options: BuildOptions, escapeChar: string) {
        this.beyond = start.beyond;
        this.image = new Map(start.image);
        this.workingDirectory = start.directory;
        this.globals = globals;
        this.options = options;
        this.escapeChar = escapeChar;
        // An unknown image may set a variable that an ARG has set in the stage before.
        this.values = new Map(this.beyond === undefined ? start.values : undefined);
        for (const [name, value] of start.image) this.values.set(name, value);
    }

    /** What the stage passes on at its end. */
    end(): StageEnd {
        const { values, image, beyond, workingDirectory: directory } = this;
        return { values, image, beyond, directory };
    }

    /** The working directory. */
    get directory(): Value {
        return this.workingDirectory;
    }

    /** Expands one word of an instruction. @throws InstructionError */
    expand(word: string): Value {
        return expand(word, (name) => this.lookup(name), this.escapeChar);
    }

    /** Expands a text and splits it into words. @throws InstructionError */
    expandWords(text: string): Value[] {
        return expandWords(text, (name) => this.lookup(name), this.escapeChar);
    }

    /** Expands the text of a here-document. @throws InstructionError */
    expandDocument(text: string): Value {
        return expandDocument(text, (name) => this.lookup(name));
    }

    /**
     * Runs an ARG. The given value wins over the default; the default wins over the global value.
     */
    declareArgs(args: readonly Assignment[]): void {
        for (const { name, value } of args) {
            const result =
                givenArg(this.options, name) ??
                expandOptional(value, (other) => this.lookup(other), this.escapeChar) ??
                this.globals.get(name);
            if (result !== undefined && !name.startsWith("BUILDKIT_SBOM_SCAN_")) {
                this.values.set(name, result);
            }
        }
    }

    /** Runs an ENV: every value of one instruction sees the variables from before it. */
    assign(pairs: readonly Assignment[]): void {
        const results = pairs.map(
            ({ name, value = "" }) => [this.expand(name), this.expand(value)] as const,
        );
        for (const [name, value] of results) {
            if (isUnknown(name)) this.forget("an earlier ENV sets a variable with an unknown name");
            else {
                this.values.set(name, value);
                this.image.set(name, value);
            }
        }
    }

    /** Runs a WORKDIR. */
    enter(path: Value): void {
        const { workingDirectory: from } = this;
        if (isUnknown(path)) this.workingDirectory = path;
        else if (path.startsWith("/")) this.workingDirectory = path;
        else this.workingDirectory = isUnknown(from) ? from : posix.join("/", from, path);
    }

    private forget(reason: string): void {
        this.values.clear();
        this.image.clear();
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
