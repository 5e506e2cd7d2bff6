import { nearest } from "../text/nearest";
import { InstructionError, ifNewer } from "./failure";
import { splitFirstWord } from "./words";

/** What a flag takes: a boolean, one value, or one value each time it appears. */
export type FlagKind = "boolean" | "once" | "many";

/** The flags of one instruction, by name. */
export type FlagValues = ReadonlyMap<string, readonly string[]>;

const flagsOf: Readonly<Record<string, Readonly<Record<string, FlagKind>>>> = {
    FROM: { platform: "once" },
    COPY: {
        from: "once",
        chown: "once",
        chmod: "once",
        link: "boolean",
        parents: "boolean",
        exclude: "many",
    },
    ADD: {
        chown: "once",
        chmod: "once",
        checksum: "once",
        link: "boolean",
        "keep-git-dir": "boolean",
        unpack: "boolean",
        exclude: "many",
    },
    RUN: { mount: "many", network: "once", security: "once", device: "many" },
    HEALTHCHECK: {
        interval: "once",
        timeout: "once",
        "start-period": "once",
        "start-interval": "once",
        retries: "once",
    },
};

/** Whether BuildKit 0.31 ignores the flags of an instruction. */
function isUnchecked(keyword: string, rest: string): boolean {
    if (keyword === "HEALTHCHECK") return splitFirstWord(rest)[0].toUpperCase() === "NONE";
    return keyword === "ARG" || keyword === "STOPSIGNAL";
}

/**
 * Reads an instruction's flags (`--name` or `--name=value`).
 *
 * @param rest what follows the flags
 * @throws InstructionError for a flag that the instruction does not have, a repeated flag, a missing value
 * or a value that is not a boolean.
 */
export function readFlags(keyword: string, flags: readonly string[], rest: string): FlagValues {
    const values = new Map<string, string[]>();
    if (isUnchecked(keyword, rest)) return values;
    const known = flagsOf[keyword] ?? {};
    for (const flag of flags) {
        const [name = "", value] = cutOnce(flag.slice(2), "=");
        const kind = Object.hasOwn(known, name) ? known[name] : undefined;
        if (kind === undefined) throw unknownFlag(keyword, name, Object.keys(known));
        const given = values.get(name);
        if (given !== undefined && kind !== "many") {
            throw new InstructionError(`${keyword} --${name} may appear only once`);
        }
        values.set(name, [...(given ?? []), flagValue(keyword, name, kind, value)]);
    }
    return values;
}

/** The text before and after the first separator; the second is undefined without one. */
export function cutOnce(text: string, separator: string): [string, string | undefined] {
    const index = text.indexOf(separator);
    return index < 0
        ? [text, undefined]
        : [text.slice(0, index), text.slice(index + separator.length)];
}

function flagValue(
    keyword: string,
    name: string,
    kind: FlagKind,
    value: string | undefined,
): string {
    if (kind !== "boolean") {
        if (value === undefined)
            throw new InstructionError(`${keyword} --${name} needs a value: --${name}=…`);
        return value;
    }
    if (value === undefined) return "true";
    const truth = value.toLowerCase();
    if (truth === "true" || truth === "false") return truth;
    throw new InstructionError(`${keyword} --${name}=${value}: expected true or false`);
}

function unknownFlag(keyword: string, name: string, known: readonly string[]): InstructionError {
    const near = nearest(name, known);
    if (near !== undefined) {
        return new InstructionError(`${keyword} has no flag --${name}; did you mean --${near}?`);
    }
    const list = known.map((flag) => `--${flag}`).join(", ");
    return new InstructionError(
        `${keyword} has no flag --${name}; it takes ${list || "none"}; ${ifNewer}`,
    );
}
