/** What ends a URL inside another text. */
const ends = /[\s"'<>`\\]/;

/** The text without the logins and the queries of its URLs: both may hold tokens. */
export function publicUrls(text: string): string {
    const [before = "", ...urls] = text.split("://");
    return [before, ...urls.map(publicUrl)].join("://");
}

/** A URL without its scheme, and what follows it. */
function publicUrl(text: string): string {
    const end = text.search(ends);
    const [url, rest] = end < 0 ? [text, ""] : [text.slice(0, end), text.slice(end)];
    const [path = "", ...fragments] = url.split("#");
    const [location = "", ...query] = path.split("?");
    const slash = location.indexOf("/");
    const host = slash < 0 ? location : location.slice(0, slash);
    const shown = host.slice(host.lastIndexOf("@") + 1) + location.slice(host.length);
    const parts = [query.length > 0 ? `${shown}?[removed]` : shown, ...fragments];
    return parts.join("#") + rest;
}
