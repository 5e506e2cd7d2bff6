import { nearest } from "../text/nearest";
import { isUnknown, type Value } from "./expand";
import { InstructionError, ifNewer } from "./failure";
import { parseTruth, splitCsv } from "./fields";
import { cutOnce } from "./flags";

/** A `RUN --mount`, as far as it matters for what the instruction reads. */
export interface Mount {
    readonly type: Value;
    /** Stage, image or named context; undefined for the build context. */
    readonly from?: string;
    /** Path in the source; empty for the whole source. */
    readonly source: Value;
    readonly target: Value;
    /** `id` of a cache, secret or ssh mount; empty when not given. */
    readonly id: Value;
    readonly required: boolean;
    /** The options of a cache mount alone, as given; undefined for another mount. */
    readonly cache?: Readonly<Record<CacheOption, Value>>;
}

/** Options of a cache mount that decide which directory it is, or how builds share it. */
export const cacheOptions = ["sharing", "uid", "gid", "mode"] as const;
type CacheOption = (typeof cacheOptions)[number];

const types = ["bind", "cache", "tmpfs", "secret", "ssh"];
const keys = new Set(
    (
        "type from source src target dst destination readonly ro readwrite rw required size id " +
        "sharing mode uid gid env"
    ).split(" "),
);
const aliases = new Map([
    ["src", "source"],
    ["dst", "target"],
    ["destination", "target"],
    ["ro", "readonly"],
    ["rw", "readwrite"],
]);

/** The `from` of a `--mount` before expansion; undefined for the build context. */
export function readMountFrom(text: string): string | undefined {
    let from = "";
    for (const field of splitCsv(`--mount=${text}`, text)) {
        const [key, value = ""] = cutOnce(field, "=");
        if (key.toLowerCase() === "from") from = checkFrom(value, text);
    }
    return from || undefined;
}

function checkFrom(value: string, text: string): string {
    const dollar = value.indexOf("$");
    if (dollar < 0 || dollar === value.length - 1) return value;
    throw new InstructionError(
        `--mount=${text}: "from" does not expand variables; give the image its own stage ` +
            `(FROM ${value} AS name) and name that stage`,
    );
}

/**
 * Reads the value of a `--mount` flag.
 *
 * @param expandValue expands one value's variables
 * @throws InstructionError when BuildKit rejects the mount.
 */
export function readMount(text: string, expandValue: (word: string) => Value): Mount {
    const fields = new Fields(text);
    for (const field of splitCsv(`--mount=${text}`, text)) {
        const [written, raw] = cutOnce(field, "=");
        const key = aliases.get(written.toLowerCase()) ?? written.toLowerCase();
        if (!keys.has(key)) throw fields.unknownKey(written);
        if (raw === undefined) fields.setFlag(key, field);
        else fields.set(key, expandValue(raw));
    }
    fields.checkTogether();
    return {
        type: fields.type,
        from: readMountFrom(text),
        source: fields.valueOf("source"),
        target: fields.valueOf("target"),
        id: fields.valueOf("id"),
        required: fields.valueOf("required") === "true",
        ...(fields.type === "cache" ? { cache: fields.cache() } : {}),
    };
}

/** The fields of one mount, checked in the order in which they are written. */
class Fields {
    private readonly values = new Map<string, Value>();
    private readonly text: string;

    constructor(text: string) {
        this.text = text;
    }

    get type(): Value {
        return this.values.get("type") ?? "bind";
    }

    valueOf(key: string): Value {
        return this.values.get(key) ?? "";
    }

    cache(): Readonly<Record<CacheOption, Value>> {
        const [sharing = "", uid = "", gid = "", mode = ""] = cacheOptions.map((key) =>
            this.valueOf(key),
        );
        return { sharing, uid, gid, mode };
    }

    /** A field without a value. */
    setFlag(key: string, field: string): void {
        if (!["readonly", "readwrite", "required"].includes(key)) {
            throw this.refusal(`"${field}" needs a value: ${field}=…`);
        }
        this.set(key, "true");
    }

    set(key: string, value: Value): void {
        if (key === "required") this.checkOnlyFor(key, ["secret", "ssh"]);
        if (key === "size") this.checkOnlyFor(key, ["tmpfs"]);
        this.values.set(key, isUnknown(value) ? value : this.checked(key, value));
    }

    private checked(key: string, value: string): string {
        const flag = `--mount=${this.text}: ${key}`;
        switch (key) {
            case "type":
                return this.oneOf(key, value, types);
            case "sharing":
                return this.oneOf(key, value, ["shared", "private", "locked"]);
            case "readonly":
            case "readwrite":
            case "required":
                return String(parseTruth(flag, value));
            case "mode":
                return this.integer(key, value, 8);
            case "uid":
            case "gid":
                return this.integer(key, value, 10);
            case "size":
                if (isSize(value)) return value;
                throw this.refusal(
                    `size "${value}" is not a number of bytes; expected a size such as 64m`,
                );
            default:
                return value;
        }
    }

    private checkOnlyFor(key: string, allowed: readonly string[]): void {
        if (isUnknown(this.type) || allowed.includes(this.type)) return;
        throw this.refusal(`"${key}" needs type=${allowed.join(" or type=")} before it`);
    }

    private oneOf(key: string, value: string, allowed: readonly string[]): string {
        const lower = value.toLowerCase();
        if (allowed.includes(lower)) return lower;
        throw this.refusal(
            `${key} "${value}" is not allowed; expected ${allowed.join(", ")}; ${ifNewer}`,
        );
    }

    private integer(key: string, value: string, base: 8 | 10): string {
        const digits = base === 8 ? /^[0-7]+$/ : /^\d+$/;
        if (digits.test(value) && Number.parseInt(value, base) < 2 ** 32) return value;
        throw this.refusal(`${key} "${value}" is not a number in base ${base}`);
    }

    checkTogether(): void {
        const { type } = this;
        if (isUnknown(type)) return;
        const has = (key: string) => !isUnknown(this.valueOf(key)) && this.valueOf(key) !== "";
        const owner = ["mode", "uid", "gid"].find((key) => this.values.has(key));
        if (owner !== undefined && !["secret", "ssh", "cache"].includes(type)) {
            throw this.refusal(`"${owner}" is allowed only for secret, ssh and cache mounts`);
        }
        if (has("sharing") && type !== "cache")
            throw this.refusal('"sharing" is allowed only for cache mounts');
        if (type === "ssh" && has("source"))
            throw this.refusal('an ssh mount cannot have a "source"');
        if (type !== "secret") return;
        if (has("from")) throw this.refusal('a secret mount cannot have a "from"');
        if (["source", "target", "id"].every((key) => this.valueOf(key) === "")) {
            throw this.refusal('a secret mount needs an "id" or a "target"');
        }
        if (has("source") && has("id"))
            throw this.refusal('"source" and "id" cannot be used together');
    }

    unknownKey(key: string): InstructionError {
        const near = nearest(key, keys);
        const hint = near === undefined ? ifNewer : `did you mean "${near}"?`;
        return this.refusal(`unknown key "${key}"; ${hint}`);
    }

    private refusal(what: string): InstructionError {
        return new InstructionError(`--mount=${this.text}: ${what}`);
    }
}

/**
 * A number of bytes as Go's units package reads it, optionally with k, m, g, t or p, and `b` or
 * `ib`.
 */
function isSize(text: string): boolean {
    return /^\+?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)? ?(?:[kmgtp](?:i?b)?|b)?$/i.test(text);
}
