/** Numbers make the names unique, since some recorded names are made of digits. */
export const newRun = (): string => String(Date.now() % 1_000_000_000);

/** Before a name: no character of a longer name, or an escaped character of a URL. */
const start = "(?:(?<![A-Za-z0-9_])|(?<=%[0-9A-F]{2}))";
const special = /[.*+?^${}()|[\]\\]/g;

/** Replaces the recorded names in a text by unique names of this run. */
export class Names {
    readonly #rules: readonly { readonly pattern: RegExp; readonly replacement: string }[];

    constructor(names: readonly string[], run: string) {
        const longestFirst = [...names].sort((a, b) => b.length - a.length);
        this.#rules = longestFirst.map((name) => {
            const anywhere = name.endsWith("*");
            const plain = anywhere ? name.slice(0, -1) : name;
            const escaped = plain.replaceAll(special, "\\$&");
            const source = anywhere ? escaped : `${start}${escaped}(?![A-Za-z_])`;
            const separated = plain.endsWith("-");
            return {
                pattern: new RegExp(separated ? `${start}${escaped}` : source, "g"),
                replacement: separated ? `${plain}${run}-` : `${plain}${run}`,
            };
        });
    }

    in(text: string): string {
        let result = text;
        for (const [at, { pattern }] of this.#rules.entries()) {
            result = result.replaceAll(pattern, `\u0000${at}\u0000`);
        }
        for (const [at, { replacement }] of this.#rules.entries()) {
            result = result.replaceAll(`\u0000${at}\u0000`, replacement);
        }
        return result;
    }
}
