import { type Document, isMap, isSeq, type YAMLMap } from "yaml";
import { CommandError } from "./finding";
import { parseProjectFile } from "./pulumiProject";

/** Name of the provider in a project file. */
const provider = "harbor";

/** The end of every path that this command writes; only such a path is replaced. */
const pluginFolder = "harbor-build/dist/plugin";

/**
 * The text of a project file that names the folder of the Harbor provider's plugin; the same text
 * when the file names this folder already. Comments and everything else stay.
 *
 * @throws CommandError when the file names another provider harbor.
 */
export function withPlugin(fileName: string, text: string, path: string): string {
    const document = parseProjectFile(fileName, text);
    const newline = text.includes("\r\n") ? "\r\n" : "\n";
    const indent = /^( +)\S/m.exec(text)?.[1]?.length ?? 2;
    if (!document.has("plugins") && endsWithBlockMap(document, text)) {
        const step = " ".repeat(indent);
        const lines = [
            "plugins:",
            `${step}providers:`,
            `${step.repeat(2)}- name: ${provider}`,
            `${step.repeat(2)}  path: ${path}`,
        ];
        const start = text.endsWith("\n") ? text : `${text}${newline}`;
        return `${start}${lines.join(newline)}${newline}`;
    }
    if (!setPath(document, fileName, path)) return text;
    if (fileName.endsWith(".json")) {
        // YAML's writer quotes nothing that YAML can read without quotes.
        const json = JSON.stringify(document.toJS(), undefined, indent);
        return `${json}\n`.replaceAll("\n", newline);
    }
    const indentSeq = !/^( *)[\w-]+:[ \t]*\r?\n\1- /m.test(text);
    return document.toString({ lineWidth: 0, indent, indentSeq }).replaceAll("\n", newline);
}

/** Whether a key can be appended as a separate line. */
function endsWithBlockMap({ contents }: Document, text: string): boolean {
    const start = contents?.range?.[0] ?? 0;
    const isAtLineStart = start === 0 || text[start - 1] === "\n";
    return isMap(contents) && !contents.flow && isAtLineStart && !/^\.\.\./m.test(text);
}

/** Sets the path in the document. Returns false when the path is already set. */
function setPath(document: Document, fileName: string, path: string): boolean {
    const plugins = document.get("plugins");
    const providers = isMap(plugins) ? plugins.get("providers") : undefined;
    if (isSeq(providers)) {
        const entry = providers.items.find(isProvider);
        if (entry?.get("path") === path) return false;
        if (entry === undefined) providers.add(document.createNode({ name: provider, path }));
        else replacePath(entry, fileName, path);
    } else if (isMap(plugins)) {
        plugins.set("providers", document.createNode([{ name: provider, path }]));
    } else {
        document.set("plugins", document.createNode({ providers: [{ name: provider, path }] }));
    }
    return true;
}

const isProvider = (item: unknown): item is YAMLMap => isMap(item) && item.get("name") === provider;

function replacePath(entry: YAMLMap, fileName: string, path: string): void {
    const given = entry.get("path");
    if (!String(given).endsWith(pluginFolder)) {
        throw new CommandError(
            `${fileName}: plugins.providers`,
            `the entry "${provider}" names another provider (${given}). Expected ${path}.`,
            "remove the entry, then run this command again.",
        );
    }
    entry.set("path", path);
}
