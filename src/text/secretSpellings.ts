/** Shorter texts are also part of other words. */
const textCharactersMin = 3;

/** Shorter base64 is also part of other words and paths. */
const base64CharactersMin = 8;

/** A secret, and each of its lines: logs show files line by line. */
function linesOf(secret: string): readonly string[] {
    const lines = secret.split(/\r?\n/).map((line) => line.trim());
    return [secret, ...lines].filter(({ length }) => length >= textCharactersMin);
}

/** A secret as texts, JSON (also JSON inside JSON) and URLs spell it. */
export function spellingsOf(secret: string): readonly string[] {
    const json = insideJson(secret);
    // Go's JSON escapes these too.
    const go = json.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
    return [
        ...new Set([
            ...[secret, json, go, insideJson(json), insideJson(go)],
            ...urlSpellingsOf(secret).flatMap((url) => [
                url,
                url.replace(/%../g, (code) => code.toLowerCase()),
                url.replace(/%../g, (code) => code.toUpperCase()),
            ]),
        ]),
    ];
}

const insideJson = (text: string): string => JSON.stringify(text).slice(1, -1);

/** A text in a path, in a query, and as the password in a URL. */
function urlSpellingsOf(text: string): readonly string[] {
    // encodeURIComponent throws on half a pair of surrogates; all others replace it.
    const url = encodeURIComponent(text.replace(/\p{Cs}/gu, "\ufffd"));
    const strict = url.replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
    const withLogin = new URL("http://host");
    withLogin.password = text;
    return [
        ...[url, strict, url.replaceAll("%20", "+"), strict.replaceAll("%20", "+")],
        new URLSearchParams([["", text]]).toString().slice(1),
        withLogin.password,
        // Go's url.UserPassword.
        strict.replace(/%(?:24|26|2B|2C|3B|3D)/g, decodeURIComponent),
    ];
}

/**
 * What the base64 of every text with a secret contains, such as that of `user:SECRET`: a spelling for
 * each position in a group of three bytes, without the characters that neighbours change.
 */
export function base64SpellingsOf(secret: string): readonly string[] {
    return [0, 1, 2].flatMap((offset) => {
        const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret, "utf8")]);
        const [start, end] = [Math.ceil((offset * 8) / 6), Math.floor((bytes.length * 8) / 6)];
        return [
            ...new Set(
                (["base64", "base64url"] as const).map((encoding) =>
                    bytes.toString(encoding).slice(start, end),
                ),
            ),
        ];
    });
}

/** Returns a function that replaces secrets, and each of their lines, in every spelling. */
export function secretHider(secrets: Iterable<string>): (text: string) => string {
    const lines = [...new Set([...secrets].flatMap(linesOf))];
    const spellings = [...new Set(lines.flatMap(spellingsOf))]
        // Longest first: a secret may contain another one.
        .sort((left, right) => right.length - left.length);
    const encoded = lines
        .flatMap(base64SpellingsOf)
        .filter(({ length }) => length >= base64CharactersMin);
    return (text) =>
        spellings.reduce(
            (left, spelling) => left.replaceAll(spelling, hidden),
            encoded.reduce(hideEncoded, text),
        );
}

const hidden = "[secret]";

/** Replaces each run of base64 characters that contains `core`. */
function hideEncoded(text: string, core: string): string {
    if (!text.includes(core)) return text;
    return text.replace(/[\w+/-]+=*/g, (run) => (run.includes(core) ? hidden : run));
}
