import { tryParse } from "../text/lenientJson";
import { placeholder } from "../text/placeholder";
import { base64SpellingsOf, spellingsOf } from "../text/secretSpellings";

/** Shorter secrets are only found as a whole value: parts of other texts equal them by chance. */
const partCharactersMin = 8;
/** Shorter secrets, such as `1` or `yes`, equal other values by chance. */
const wholeCharactersMin = 4;
/** Lines of a secret that are searched on their own, such as those of a private key. */
const lineCharactersMin = 16;

/** Members of logins that are no secrets themselves. */
const publicMember =
    /^(?:address|registry|host|hostname|server|url|username|user|name|email|type|kind)$/i;
/** Members that make an object a login; in other objects, every member may be the secret. */
const loginMember = /(?:password|passwd|passphrase|secret|token|credentials?|key)$/i;

/** The texts inside secrets, which no public text may contain. */
export function secretTexts(secrets: readonly unknown[]): readonly string[] {
    return [...new Set(secrets.flatMap(textsOf))].filter(
        (text) => text.length >= wholeCharactersMin && text !== placeholder,
    );
}

function textsOf(secret: unknown): readonly string[] {
    if (typeof secret === "string") {
        const inner =
            secret.startsWith("{") || secret.startsWith("[") ? tryParse(secret) : undefined;
        return [secret, ...(inner === undefined ? [] : textsOf(inner))];
    }
    if (typeof secret === "number") return textsOf(String(secret));
    if (typeof secret !== "object" || secret === null) return [];
    const isLogin = Object.keys(secret).some((key) => loginMember.test(key));
    return Object.entries(secret).flatMap(([key, member]) =>
        isLogin && publicMember.test(key) && isPublic(member) ? [] : textsOf(member),
    );
}

/** Whether the value of a public member is a plain text, and no URL with a login of its own. */
function isPublic(member: unknown): boolean {
    if (typeof member !== "string") return false;
    const scheme = member.indexOf("://");
    return scheme < 0 || !member.includes("@", scheme);
}

/** Property paths of the texts that contain a secret: as it is, or in base64, URL- or JSON-escaped. */
export function findSecrets(value: unknown, secrets: readonly string[]): readonly string[] {
    const whole = new Set(secrets);
    const parts = secrets
        .flatMap((secret) => [secret, ...secret.split(/\r?\n/).filter(isLongLine)])
        .filter(({ length }) => length >= partCharactersMin)
        .flatMap((text) => [...spellingsOf(text), ...base64SpellingsOf(text)]);
    const holds = (text: string) => whole.has(text) || parts.some((part) => text.includes(part));
    return searched(value, holds, "");
}

const isLongLine = ({ length }: string) => length >= lineCharactersMin;

function searched(
    value: unknown,
    holds: (text: string) => boolean,
    path: string,
): readonly string[] {
    if (typeof value === "string" || typeof value === "number") {
        return holds(String(value)) ? [path] : [];
    }
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([key, member]) => {
        const below = Array.isArray(value) ? `${path}[${key}]` : `${path}${path && "."}${key}`;
        // The path would print the secret.
        return holds(key) ? [`a key of ${path}`] : searched(member, holds, below);
    });
}
