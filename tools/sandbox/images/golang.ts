import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Entry, folderEntries } from "./layer";

/** Version of a Go tree, such as `1.26.0`. */
export function goVersion(goroot: string): string {
    const [first = ""] = readFileSync(join(goroot, "VERSION"), "utf8").split("\n");
    return first.trim().replace(/^go/, "");
}

/** The Go toolchain, in the place of the official golang images. */
export function* goTree(goroot: string): Generator<Entry> {
    yield { kind: "folder", path: "go", mode: 0o1777 };
    yield { kind: "folder", path: "go/bin", mode: 0o1777 };
    yield { kind: "folder", path: "go/src", mode: 0o1777 };
    yield { kind: "folder", path: "usr", mode: 0o755 };
    yield { kind: "folder", path: "usr/local", mode: 0o755 };
    yield* folderEntries(goroot, "usr/local/go");
}

/** The usual tags: `1`, `1.26`, `1.26.0`, each also with the suffix of the alpine variant. */
export function goTags(version: string): string[] {
    const parts = version.split(".");
    const numbers = parts.map((_, at) => parts.slice(0, at + 1).join("."));
    return ["latest", "alpine", ...numbers.flatMap((number) => [number, `${number}-alpine`])];
}

export const goConfig = (version: string): Readonly<Record<string, unknown>> => ({
    Env: [
        "PATH=/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        `GOLANG_VERSION=${version}`,
        "GOTOOLCHAIN=local",
        "GOPATH=/go",
    ],
    Cmd: ["sh"],
    WorkingDir: "/go",
});
