/** Text for HTML and for the values of its attributes. */
export function escapeHtml(text: string): string {
    return text
        .replace(/\p{C}/gu, (sign) => (/\s/.test(sign) ? " " : "\u{fffd}"))
        .replace(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0)};`);
}

/**
 * A template for HTML: escapes every value, except HTML from this template and lists of it.
 *
 *     html`<td>${name}</td>`
 */
export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
    const text = parts.map((part, index) => `${part}${render(values[index])}`).join("");
    return new Html(text);
}

/** HTML that is safe to insert. */
export class Html {
    readonly text: string;

    constructor(text: string) {
        this.text = text;
    }
}

type HtmlValue = string | number | Html | readonly Html[] | undefined;

function render(value: HtmlValue): string {
    if (value === undefined) return "";
    if (value instanceof Html) return value.text;
    if (typeof value === "object") return value.map(({ text }) => text).join("");
    return escapeHtml(String(value));
}
