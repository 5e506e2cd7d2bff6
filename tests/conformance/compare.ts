import type { Answer } from "./http";
import type { RequestStep } from "./recording";
import type { Session } from "./session";

/** Fields whose values belong to one server or one moment; their types are compared. */
const volatileFields = new Set([
    "id",
    "admin_role_in_auth",
    "artifact_id",
    "child_id",
    "creator_ref",
    "current_time",
    "digest",
    "child_digest",
    "entity_id",
    "execution_id",
    "expires_at",
    "external_url",
    "free",
    "harbor_version",
    "has_ca_root",
    "job_id",
    "last_trigger_time",
    "next_scheduled_time",
    "owner_id",
    "parent_id",
    "policy_id",
    "project_id",
    "pull_count",
    "ref",
    "registry_id",
    "registry_storage_provider_name",
    "registry_url",
    "repository_id",
    "retention_id",
    "secret",
    "subject_artifact_id",
    "total",
    "user_id",
    "log",
]);
const volatile = (key: string): boolean => volatileFields.has(key) || /_time$/.test(key);

/** Lists whose order changes between Harbor's answers. */
const unorderedFields = new Set(["access", "labels", "permissions"]);

const typeOf = (value: unknown): string =>
    value === null ? "null" : Array.isArray(value) ? "array" : typeof value;

const show = (value: unknown): string => JSON.stringify(value) ?? "nothing";

/** Harbor lists the allowed methods in any order. */
const sorted = (text: string): string =>
    text.replaceAll(/\[([A-Z]+(?:,[A-Z]+)+)\]/g, (_, list: string) =>
        list.split(",").sort().join(","),
    );

/** A pattern for a text in which ids of the recording may be any number. */
function matchesText(expected: string, actual: string): boolean {
    if (sorted(expected) === sorted(actual)) {
        return true;
    }
    const pattern = expected
        .replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")
        .replaceAll(/(?<![\w.-])\d+(?![\w.])/g, "\\d+");
    return /\d/.test(expected) && new RegExp(`^${pattern}$`, "s").test(actual);
}

function compareJson(expected: unknown, actual: unknown, path: string, faults: string[]): void {
    const [wanted, found] = [typeOf(expected), typeOf(actual)];
    if (wanted !== found) {
        faults.push(`${path}: expected ${wanted} ${show(expected)}, found ${show(actual)}`);
        return;
    }
    if (Array.isArray(expected) && Array.isArray(actual)) {
        if (expected.length !== actual.length) {
            faults.push(`${path}: expected ${expected.length} items, found ${show(actual)}`);
            return;
        }
        for (const [at, one] of expected.entries()) {
            compareJson(one, actual[at], `${path}[${at}]`, faults);
        }
        return;
    }
    if (wanted === "object") {
        compareFields(Object.entries(expected as object), actual as object, path, faults);
        return;
    }
    const same =
        typeof expected === "string" ? matchesText(expected, String(actual)) : expected === actual;
    if (!same) {
        faults.push(`${path}: expected ${show(expected)}, found ${show(actual)}`);
    }
}

function compareFields(
    expected: [string, unknown][],
    actual: object,
    path: string,
    faults: string[],
): void {
    const found = new Map<string, unknown>(Object.entries(actual));
    // Administrators choose the settings of the whole Harbor.
    const setting = found.size === 2 && found.has("editable") && found.has("value");
    for (const [key, value] of expected) {
        if (key === "detail") {
            found.delete(key); // A message for people; it differs between the registries behind Harbor.
            continue;
        }
        const inner = `${path}.${key}`;
        if (!found.has(key)) {
            faults.push(`${inner}: missing`);
        } else if (
            (setting || volatile(key)) &&
            typeOf(value) !== "object" &&
            typeOf(value) !== "array"
        ) {
            const [wanted, is] = [typeOf(value), typeOf(found.get(key))];
            if (wanted !== is) {
                faults.push(`${inner}: expected a ${wanted}, found ${show(found.get(key))}`);
            }
        } else if (unorderedFields.has(key)) {
            compareJson(inOrder(value), inOrder(found.get(key)), inner, faults);
        } else {
            compareJson(value, found.get(key), inner, faults);
        }
        found.delete(key);
    }
    for (const key of found.keys()) {
        faults.push(`${path}.${key}: not in the recording`);
    }
}

/** The value with every list sorted by the content of its items, without volatile fields. */
function inOrder(value: unknown): unknown {
    if (Array.isArray(value)) {
        const items = value.map(inOrder);
        return items.sort((a, b) => (lasting(a) < lasting(b) ? -1 : 1));
    }
    if (typeof value === "object" && value !== null) {
        const entries = Object.entries(value).map(([key, one]) => [key, inOrder(one)] as const);
        return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
    }
    return value;
}

const lasting = (value: unknown): string =>
    JSON.stringify(value, (key, one: unknown) => (volatile(key) ? undefined : one)) ?? "";

function compareHeaders(session: Session, step: RequestStep, answer: Answer): string[] {
    const faults: string[] = [];
    for (const [name, value] of Object.entries(step.expect.headers ?? {})) {
        const expected = session.text(value);
        const found = answer.headers[name.toLowerCase()];
        const actual = Array.isArray(found) ? found.join(", ") : found;
        // Over https, Harbor omits an empty header.
        const isMissing = actual === undefined && expected !== "";
        if (isMissing || !matchesText(expected, actual ?? "")) {
            faults.push(`header ${name}: expected ${show(expected)}, found ${show(actual)}`);
        }
    }
    return faults;
}

function compareToken(session: Session, step: RequestStep, text: string): string[] {
    const body = JSON.parse(text) as { token: string; expires_in: number; access_token: string };
    const claims = JSON.parse(
        Buffer.from(body.token.split(".")[1] ?? "", "base64url").toString("utf8"),
    ) as { sub?: string; access?: { actions: string[] }[] | null };
    const faults: string[] = [];
    const { subject = null, access = null } = step.expect.token ?? {};
    const wanted = subject === null ? undefined : session.account(subject);
    if (claims.sub !== wanted) {
        faults.push(`token subject: expected ${show(wanted)}, found ${show(claims.sub)}`);
    }
    const sorted = (list: typeof claims.access): unknown =>
        list?.map((one) => ({ ...one, actions: [...one.actions].sort() })) ?? null;
    compareJson(
        sorted(session.json(access) as { actions: string[] }[] | null),
        sorted(claims.access),
        "token access",
        faults,
    );
    // Administrators choose the validity of tokens, in minutes.
    const isLifetime = body.expires_in > 0 && body.expires_in % 60 === 0;
    if (!isLifetime || body.access_token !== "") {
        faults.push(`token body: found ${show({ ...body, token: "…" })}`);
    }
    return faults;
}

function compareTypes(types: Readonly<Record<string, string>>, text: string): string[] {
    const found: object = JSON.parse(text);
    const actual = Object.fromEntries(
        Object.entries(found).map(([key, one]) => [key, typeOf(one)]),
    );
    const faults: string[] = [];
    compareJson(types, actual, "types", faults);
    return faults;
}

function compareList(step: RequestStep, answer: Answer, text: string): string[] {
    const items: unknown = JSON.parse(text);
    if (!Array.isArray(items)) {
        return [`body: expected a list, found ${text}`];
    }
    const faults: string[] = [];
    if (step.path.startsWith("/api/") && answer.headers["x-total-count"] === undefined) {
        faults.push("header X-Total-Count: missing");
    }
    for (const [at, item] of items.entries()) {
        const fields = new Map<string, unknown>(Object.entries(item ?? {}));
        for (const [key, type] of Object.entries(step.expect.list ?? {})) {
            if (typeOf(fields.get(key)) !== type) {
                faults.push(`[${at}].${key}: expected ${type}, found ${show(fields.get(key))}`);
            }
        }
    }
    return faults;
}

/** The differences between an answer and the recorded answer; empty when they are the same. */
export function differences(session: Session, step: RequestStep, answer: Answer): string[] {
    const { expect } = step;
    const text = answer.body.toString("utf8");
    if (answer.status !== expect.status) {
        return [
            `expected ${expect.status} ${show(expect.json ?? "")}, found ${answer.status} ${text}`,
        ];
    }
    const faults = compareHeaders(session, step, answer);
    if (expect.empty === true && text.trim() !== "") {
        faults.push(`body: expected none, found ${text}`);
    }
    if (expect.text !== undefined && !matchesText(session.text(expect.text).trim(), text.trim())) {
        faults.push(`body: expected ${show(session.text(expect.text))}, found ${show(text)}`);
    }
    if (expect.bytes !== undefined && answer.body.length !== expect.bytes) {
        faults.push(`body: expected ${expect.bytes} bytes, found ${answer.body.length}`);
    }
    if (expect.token !== undefined) {
        faults.push(...compareToken(session, step, text));
    }
    if (expect.types !== undefined) {
        faults.push(...compareTypes(expect.types, text));
    }
    if (expect.list !== undefined) {
        faults.push(...compareList(step, answer, text));
    }
    if (expect.json !== undefined) {
        const actual: unknown = text.trim() === "" ? undefined : JSON.parse(text);
        const order = expect.anyOrder === true ? inOrder : (value: unknown) => value;
        compareJson(order(session.json(expect.json)), order(actual), "body", faults);
    }
    return faults;
}
