/** Text of a report as a reader of the rendered Markdown sees it. */
export function renderedText(markdown: string): string {
    return markdown
        .replace(/<\/?code>/g, "")
        .replace(/&#8288;/g, "")
        .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
}
