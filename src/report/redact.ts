import { homedir } from "node:os";
import { sep } from "node:path";

/** Shorter secrets would also match parts of other words. */
const secretCharactersMin = 3;

/** Shorter base64 is also part of other words and paths. */
const base64CharactersMin = 8;

/** Returns a function that removes secrets, and paths of this machine, from texts. */
export function redactor(
    secrets: Iterable<string>,
    folders: { readonly program: string; readonly home?: string },
): (text: string) => string {
    const { program, home = homedir() } = folders;
    const replacements: [string, string][] = [
        ...[...new Set([...secrets].flatMap(formsOf))]
            // Longest first: a secret may contain another one.
            .sort((left, right) => right.length - left.length)
            .map((secret): [string, string] => [secret, "[secret]"]),
        [`${program}${sep}`, ""],
        [program, "."],
        ...(home.length > 1 ? [[`${home}${sep}`, `~${sep}`] as [string, string]] : []),
    ];
    const cores = [...secrets].flatMap(linesOf).flatMap(base64Cores);
    return (text) =>
        replacements.reduce(
            (left, [from, to]) => left.replaceAll(from, to),
            cores.reduce(replaceEncoded, text),
        );
}

/** A secret, and each of its lines: logs show files line by line. */
function linesOf(secret: string): string[] {
    const lines = secret.split(/\r?\n/).map((line) => line.trim());
    return [secret, ...lines].filter(({ length }) => length >= secretCharactersMin);
}

/** The spellings of a secret in texts, in JSON and in URLs. */
function formsOf(secret: string): string[] {
    return linesOf(secret).flatMap((text) => {
        const json = JSON.stringify(text).slice(1, -1);
        const url = encodeURIComponent(text.replace(/\p{Cs}/gu, "\ufffd"));
        const strict = url.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
        const urls = [url, strict, strict.replaceAll("%20", "+")];
        const escapes = urls.flatMap((one) => [
            one,
            one.replace(/%../g, lower),
            one.replace(/%../g, upper),
        ]);
        // Go's JSON escapes these too.
        const go = json.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
        return [text, json, go, ...escapes];
    });
}

const lower = (text: string): string => text.toLowerCase();
const upper = (text: string): string => text.toUpperCase();

/**
 * What the base64 of every text with a secret contains, such as that of `user:SECRET`: three spellings,
 * one for each position in a group of three bytes, without the characters that neighbours change.
 */
function base64Cores(secret: string): string[] {
    const cores = [0, 1, 2].flatMap((offset) => {
        const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret, "utf8")]);
        const whole = bytes.length - (bytes.length % 3);
        const start = offset === 0 ? 0 : 4;
        return (["base64", "base64url"] as const).map((encoding) =>
            bytes.subarray(0, whole).toString(encoding).slice(start),
        );
    });
    return cores.filter(({ length }) => length >= base64CharactersMin);
}

/** Replaces each run of base64 characters that contains `core`. */
function replaceEncoded(text: string, core: string): string {
    if (!text.includes(core)) return text;
    return text.replace(/[\w+/-]+=*/g, (run) => (run.includes(core) ? "[secret]" : run));
}
