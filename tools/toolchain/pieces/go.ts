import { tmpdir } from "node:os";
import { findExecutables, runCommand } from "../command";
import { goPins } from "../pins";
import { reaches, versionIn } from "../version";

/** The machine's Go. */
export interface Go {
    readonly path: string;
    readonly version: string;
}

let known: Promise<Go | undefined> | undefined;

/** The machine's Go: the first that is new enough, else the first; undefined without any Go. */
export function findGo(): Promise<Go | undefined> {
    known ??= lookForGo();
    return known;
}

async function lookForGo(): Promise<Go | undefined> {
    const found: Go[] = [];
    for (const path of await findExecutables("go", ["/usr/local/go/bin"])) {
        const env = goEnvironment();
        const answer = await runCommand(path, ["env", "GOVERSION"], { env }).catch(() => "");
        const go = { path, version: versionIn(answer) ?? "unknown" };
        if (isNewEnough(go)) {
            return go;
        }
        found.push(go);
    }
    return found[0];
}

/** Why this machine cannot build Go programs, and what to do; undefined when it can. */
export async function goObstacle(): Promise<string | undefined> {
    return obstacleOf(await findGo());
}

/** Why the given Go, or no Go, cannot build Go programs. */
export function obstacleOf(go: Go | undefined): string | undefined {
    const remedy = `Install Go ${goPins.minimum} or newer (https://go.dev/dl) and put it on PATH`;
    if (go === undefined) {
        return `no Go compiler on PATH or in /usr/local/go/bin. ${remedy}`;
    }
    if (!isNewEnough(go)) {
        return `${go.path} is Go ${go.version}; the toolchain needs ${goPins.minimum} or newer. ${remedy}`;
    }
    return undefined;
}

function isNewEnough({ version }: Go): boolean {
    return reaches(version, goPins.minimum);
}

/** Path of a Go that is new enough. */
export async function goPath(): Promise<string> {
    return (await findGo())?.path ?? "go";
}

/**
 * The user's Go settings (proxy, caches), without settings that change the built versions: Go uses
 * the installed toolchain and the committed module graph.
 */
export function goEnvironment(): NodeJS.ProcessEnv {
    const { GOOS: _os, GOARCH: _arch, ...environment } = process.env;
    return {
        ...environment,
        GOFLAGS: "-mod=readonly -buildvcs=false",
        GOTOOLCHAIN: "local",
        GOWORK: "off",
        CGO_ENABLED: "0",
        GO111MODULE: "on",
    };
}

/** Folders that Go writes to, by the variable that sets them. */
export async function goFolders(): Promise<Record<string, string>> {
    const names = ["GOCACHE", "GOMODCACHE"];
    const answer = await runCommand(await goPath(), ["env", ...names], {
        env: goEnvironment(),
    }).catch(() => "");
    const paths = answer.split("\n");
    const folders: Record<string, string> = { GOTMPDIR: process.env["GOTMPDIR"] || tmpdir() };
    names.forEach((name, index) => {
        folders[name] = paths[index] ?? "";
    });
    return folders;
}

/** Where Go modules come from, without passwords in the address. */
export async function goOrigin(): Promise<string> {
    const answer = await runCommand(await goPath(), ["env", "GOPROXY"], {
        env: goEnvironment(),
    }).catch(() => "");
    return `the Go module proxy (GOPROXY=${answer.trim().replace(/\/\/[^@/,]*@/g, "//")})`;
}
