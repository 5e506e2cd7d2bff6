import { isUnknown, type Value } from "./expand";
import { nearest, Refusal } from "./failure";
import { cutOnce } from "./flags";

/** A `RUN --mount`, with what matters for what it reads. */
export interface Mount {
    readonly type: Value;
    /** Stage, image or named context; undefined for the build context. */
    readonly from?: string;
    /** Path in the source; empty for all of it. */
    readonly source: Value;
    readonly target: Value;
    /** `id` of a cache, secret or ssh mount; empty when not given. */
    readonly id: Value;
    readonly required: boolean;
}

const types = ["bind", "cache", "tmpfs", "secret", "ssh"];
const keys = new Set(
    (
        "type from source src target dst destination readonly ro readwrite rw required size id " +
        "sharing mode uid gid env"
    ).split(" "),
);
const withoutValue = new Set(["readonly", "ro", "readwrite", "rw", "required"]);

/**
 * Reads the value of a `--mount` flag.
 *
 * @param expandValue expands one value's variables
 * @throws Refusal when BuildKit would not take it.
 */
export function readMount(text: string, expandValue: (word: string) => Value): Mount {
    const fields = new Map<string, Value>([["type", "bind"]]);
    let required = false;
    for (const field of splitCsv(text)) {
        const [written, raw] = cutOnce(field, "=");
        const key = aliases.get(written.toLowerCase()) ?? written.toLowerCase();
        if (!keys.has(key)) throw unknownKey(written, text);
        if (raw === undefined && !withoutValue.has(key)) {
            throw new Refusal(`--mount=${text}: "${field}" needs a value, as ${field}=…`);
        }
        if (key === "from") fields.set(key, fromOf(raw ?? "", text));
        else if (key === "required") required = raw === undefined || isTrue(raw);
        else if (raw !== undefined) fields.set(key, expandValue(raw));
    }
    const type = fields.get("type") ?? "bind";
    const kind = isUnknown(type) ? type : mountType(type, text);
    const from = fields.get("from");
    const mount: Mount = {
        type: kind,
        from: typeof from === "string" && from !== "" ? from : undefined,
        source: fields.get("source") ?? "",
        target: fields.get("target") ?? "",
        id: fields.get("id") ?? "",
        required,
    };
    checkMount(mount, text);
    return mount;
}

const aliases = new Map([
    ["src", "source"],
    ["dst", "target"],
    ["destination", "target"],
]);

/** The `from` of a `--mount` without the rest; undefined when it names the build context. */
export function readMountFrom(text: string): string | undefined {
    for (const field of splitCsv(text)) {
        const [key, value] = cutOnce(field, "=");
        if (key.toLowerCase() === "from") return fromOf(value ?? "", text) || undefined;
    }
    return undefined;
}

function fromOf(value: string, text: string): string {
    const dollar = value.indexOf("$");
    if (dollar < 0 || dollar === value.length - 1) return value;
    throw new Refusal(
        `--mount=${text}: "from" takes no variables; give the image a stage of its own ` +
            `(FROM ${value} AS name) and name that`,
    );
}

function mountType(type: string, text: string): string {
    const kind = type.toLowerCase();
    if (types.includes(kind)) return kind;
    throw new Refusal(`--mount=${text}: type "${type}" is none of ${types.join(", ")}`);
}

function checkMount(mount: Mount, text: string): void {
    if (mount.type !== "secret") return;
    if (mount.from !== undefined) throw new Refusal(`--mount=${text}: a secret has no "from"`);
    if (mount.source === "" && mount.target === "" && mount.id === "") {
        throw new Refusal(`--mount=${text}: a secret needs an "id" or a "target"`);
    }
}

function unknownKey(key: string, text: string): Refusal {
    const near = nearest(key, keys);
    return new Refusal(
        `--mount=${text}: unknown key "${key}"${near === undefined ? "" : `; did you mean "${near}"?`}`,
    );
}

function isTrue(value: string): boolean {
    return ["1", "t", "true"].includes(value.toLowerCase());
}

/** Fields parted by commas; a field in double quotes may hold commas, and `""` for a quote. */
function splitCsv(text: string): string[] {
    const fields: string[] = [];
    for (let position = 0; position <= text.length; position++) {
        const quoted = /^"((?:[^"]|"")*)"(?=,|$)/.exec(text.slice(position));
        const field = quoted?.[0] ?? text.slice(position).split(",", 1)[0] ?? "";
        if (quoted === null && field.includes('"')) {
            throw new Refusal(`--mount=${text}: a quote must open and close the whole field`);
        }
        fields.push(quoted?.[1]?.replaceAll('""', '"') ?? field);
        position += field.length;
    }
    return fields;
}
