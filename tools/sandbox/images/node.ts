import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { type Entry, folderEntries } from "./layer";
import { userlandPath } from "./userland";

/** What a folder holds, as entries of the image's root. */
export function* nodeEntries(nodeTree: string): Generator<Entry> {
    for (const name of readdirSync(nodeTree).sort()) {
        yield* folderEntries(join(nodeTree, name), name);
    }
}

/** `latest` and the major version of a folder such as `node-v24.21.0-npm-11.21.2`. */
export function nodeTags(nodeTree: string): string[] {
    const major = /^node-v(\d+)\./.exec(basename(nodeTree))?.[1];
    return ["latest", ...(major === undefined ? [] : [major])];
}

export const nodeConfig = {
    // Node.js does not read the bundle of the userland by itself.
    Env: [userlandPath, "NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt"],
    Cmd: ["node"],
    WorkingDir: "/",
};
