import { badRequest, invalid } from "./fault";

type Scalar = string | number | boolean;
type Getter<T> = (record: T) => Scalar | readonly Scalar[] | undefined;
/** The fields of a record for `q` and `sort`. Harbor ignores unknown fields. */
export type Searchable<T> = Readonly<Record<string, Getter<T>>>;

export interface Page {
    readonly items: readonly unknown[];
    readonly headers: Record<string, string>;
}

const pageSizeMax = 100;
const pageSizeDefault = 10;

/** One condition of a `q` expression. */
export type Term =
    | { readonly kind: "exact" | "fuzzy"; readonly value: string }
    | { readonly kind: "any" | "all"; readonly values: readonly string[] }
    | { readonly kind: "range"; readonly from: string; readonly to: string };

/** Reads Harbor's `q` language: `key=value`, `key=~part`, `key={a b}`, `key=(a b)`, `key=[a~b]`. */
export function parseQ(q: string | null): Map<string, Term> {
    const terms = new Map<string, Term>();
    if (q === null || q === "") {
        return terms;
    }
    // Harbor unescapes the parameter again after decoding the URL: "+" must be sent as %252B.
    const text = decodeURIComponent(q.replaceAll("+", " "));
    for (const part of text.split(",")) {
        const at = part.indexOf("=");
        const key = part.slice(0, at).trim();
        const value = part.slice(at + 1).trim();
        if (at < 0 || key === "" || value === "") {
            throw badRequest('the query string must contain "=" and the key/value cannot be empty');
        }
        terms.set(key, parseTerm(value));
    }
    return terms;
}

function parseTerm(value: string): Term {
    const inner = value.slice(1, -1);
    const words = (): string[] => inner.split(" ").filter((word) => word !== "");
    if (value.startsWith("{") && value.endsWith("}")) {
        return { kind: "any", values: words() };
    }
    if (value.startsWith("(") && value.endsWith(")")) {
        return { kind: "all", values: words() };
    }
    if (value.startsWith("[") && value.endsWith("]")) {
        const [from = "", to = ""] = inner.split("~");
        return { kind: "range", from, to };
    }
    return value.startsWith("~")
        ? { kind: "fuzzy", value: value.slice(1) }
        : { kind: "exact", value };
}

/** Whether a field's value satisfies a term. */
export function satisfies(term: Term, found: Scalar | readonly Scalar[] | undefined): boolean {
    const values = (Array.isArray(found) ? found : found === undefined ? [] : [found]).map(String);
    switch (term.kind) {
        case "exact":
            return values.includes(term.value);
        case "fuzzy":
            return values.some((value) => value.includes(term.value));
        case "any":
            return values.some((value) => term.values.includes(value));
        case "all":
            return term.values.every((value) => values.includes(value));
        case "range":
            return values.some((value) => inRange(value, term.from, term.to));
    }
}

function inRange(value: string, from: string, to: string): boolean {
    const numeric = [value, from, to].every((one) => one === "" || !Number.isNaN(Number(one)));
    const [v, low, high] = numeric ? [Number(value), Number(from), Number(to)] : [value, from, to];
    return (from === "" || v >= low) && (to === "" || v <= high);
}

/** Filters by every known term of `q`. */
export function search<T>(
    records: readonly T[],
    terms: ReadonlyMap<string, Term>,
    fields: Searchable<T>,
): T[] {
    return records.filter((record) =>
        [...terms].every(([key, term]) => {
            const getter = fields[key];
            return getter === undefined || satisfies(term, getter(record));
        }),
    );
}

function compare(a: unknown, b: unknown): number {
    if (typeof a === "number" && typeof b === "number") {
        return a - b;
    }
    const [left, right] = [String(a ?? ""), String(b ?? "")];
    return left < right ? -1 : left > right ? 1 : 0; // By byte, like the database's C collation.
}

/** Sorts by the `sort` parameter (`name,-id`), or by `fallback` without a known field. */
export function order<T>(
    records: readonly T[],
    sort: string | null,
    fields: Searchable<T>,
    fallback: string,
): T[] {
    const known = (text: string): string[] =>
        text.split(",").filter((key) => fields[key.replace(/^-/, "")] !== undefined);
    const asked = known(sort ?? "");
    const keys = asked.length > 0 ? asked : known(fallback);
    return [...records].sort((a, b) => {
        for (const key of keys) {
            const getter = fields[key.replace(/^-/, "")];
            const result = compare(getter?.(a), getter?.(b)) * (key.startsWith("-") ? -1 : 1);
            if (result !== 0) {
                return result;
            }
        }
        return 0;
    });
}

function integer(query: URLSearchParams, name: string, fallback: number): number {
    const text = query.get(name);
    if (text === null || text === "") {
        return fallback;
    }
    if (!/^-?\d+$/.test(text)) {
        throw invalid(`${name} in query must be of type int64: ${JSON.stringify(text)}`);
    }
    return Number(text);
}

/** A page of a list, with Harbor's headers `X-Total-Count` and `Link`. */
export function paginate<T>(url: URL, records: readonly T[], view: (record: T) => unknown): Page {
    const page = integer(url.searchParams, "page", 1);
    const size = integer(url.searchParams, "page_size", pageSizeDefault);
    if (size > pageSizeMax) {
        throw invalid(`page_size in query should be less than or equal to ${pageSizeMax}`);
    }
    const start = Math.max(page - 1, 0) * size;
    const items = size <= 0 ? records : records.slice(start, start + size);
    const link = linkHeader(url, records.length, page, size);
    return {
        items: items.map(view),
        headers: {
            "X-Total-Count": String(records.length),
            ...(link === "" ? {} : { Link: link }),
        },
    };
}

/** Harbor's Link header is not percent-encoded and lists the parameters by name. */
function linkHeader(url: URL, total: number, page: number, size: number): string {
    if (size === 0) {
        return "";
    }
    const to = (target: number, rel: string): string => {
        const params = new Map(url.searchParams);
        params.set("page", String(target));
        params.set("page_size", String(size));
        const text = [...params].sort(([a], [b]) => compare(a, b)).map(([k, v]) => `${k}=${v}`);
        return `<${url.pathname}?${text.join("&")}>; rel="${rel}"`;
    };
    const links: string[] = [];
    if (page > 1 && (page - 1) * size <= total) {
        links.push(to(page - 1, "prev"));
    }
    if (page * size < total) {
        links.push(to(page + 1, "next"));
    }
    return links.join(" , ");
}
