import { isMap, parseDocument } from "yaml";

/**
 * Packages whose build scripts pnpm does not have to run: Pulumi downloads docker-build's plugin
 * itself, and the script of protobufjs only compares versions.
 */
const packages = ["@pulumi/docker-build", "protobufjs"];

/**
 * The text of a pnpm-workspace.yaml that decides about these scripts; the same text when the file
 * decides already. Without a decision, `pnpm install` of pnpm 12 ends with an error.
 */
export function withIgnoredBuilds(text: string): string {
    const document = parseDocument(text);
    if (document.errors.length > 0 || !(document.contents === null || isMap(document.contents))) {
        return text; // pnpm reports the malformed file
    }
    const open = packages.filter((name) => !document.hasIn(["allowBuilds", name]));
    if (open.length === 0) return text;
    for (const name of open) document.setIn(["allowBuilds", name], false);
    return document.toString({ lineWidth: 0 });
}
