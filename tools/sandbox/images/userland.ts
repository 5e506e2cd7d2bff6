import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { type Entry, folderEntries } from "./layer";

const searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
export const userlandPath = `PATH=${searchPath}`;

const folders: readonly [path: string, mode: number][] = [
    ["bin", 0o755],
    ["dev", 0o755],
    ["etc", 0o755],
    ["etc/ssl", 0o755],
    ["etc/ssl/certs", 0o755],
    ["home", 0o755],
    ["opt", 0o755],
    ["proc", 0o555],
    ["root", 0o700],
    ["run", 0o755],
    ["sbin", 0o755],
    ["sys", 0o555],
    ["tmp", 0o1777],
    ["usr", 0o755],
    ["usr/bin", 0o755],
    ["usr/lib", 0o755],
    ["usr/local", 0o755],
    ["usr/local/bin", 0o755],
    ["usr/sbin", 0o755],
    ["usr/share", 0o755],
    ["var", 0o755],
    ["var/cache", 0o755],
    ["var/log", 0o755],
    ["var/tmp", 0o1777],
];

const files: Readonly<Record<string, string>> = {
    "etc/passwd": [
        "root:x:0:0:root:/root:/bin/sh",
        "daemon:x:2:2:daemon:/sbin:/sbin/nologin",
        "nobody:x:65534:65534:nobody:/:/sbin/nologin",
        "",
    ].join("\n"),
    "etc/group": ["root:x:0:root", "daemon:x:2:", "users:x:100:", "nobody:x:65534:", ""].join("\n"),
    "etc/shadow": ["root:*::0:::::", "daemon:!::0:::::", "nobody:!::0:::::", ""].join("\n"),
    "etc/shells": "/bin/sh\n/bin/ash\n",
    "etc/nsswitch.conf": "hosts: files dns\n",
    "etc/os-release": [
        'NAME="harbor-build stand-in"',
        "ID=alpine",
        'PRETTY_NAME="Static busybox, standing in for a base image"',
        "",
    ].join("\n"),
};

/** The commands that busybox provides, as paths of links to busybox. */
function applets(busybox: string): string[] {
    const listed = execFileSync(busybox, ["--list-full"], { encoding: "utf8" });
    return listed
        .split("\n")
        .map((line) => line.trim().replace(/^\//, ""))
        .filter((path) => path !== "" && path !== "bin/busybox" && path.includes("/"))
        .sort();
}

/**
 * A small Linux userland of one static busybox, like alpine images without the package manager. The
 * certificate bundle is this machine's, so the digest differs between machines.
 */
export function* userland(busybox: string, caBundle: string): Generator<Entry> {
    for (const [path, mode] of folders) {
        yield { kind: "folder", path, mode };
    }
    for (const [path, content] of Object.entries(files)) {
        const mode = path === "etc/shadow" ? 0o640 : 0o644;
        yield { kind: "file", path, mode, content };
    }
    const certificates = readFileSync(caBundle, "utf8");
    const bundle = "etc/ssl/certs/ca-certificates.crt";
    yield { kind: "file", path: bundle, mode: 0o644, content: certificates };
    yield { kind: "link", path: "etc/ssl/cert.pem", target: "certs/ca-certificates.crt" };
    yield { kind: "file", path: "bin/busybox", mode: 0o755, content: { file: busybox } };
    const known = new Set(folders.map(([path]) => path));
    for (const path of applets(busybox)) {
        if (known.has(path.slice(0, path.lastIndexOf("/")))) {
            yield { kind: "link", path, target: "/bin/busybox" };
        }
    }
}

/** The compiled time zones, in the place of the official golang images. */
export function* zones(zoneinfo: string): Generator<Entry> {
    yield { kind: "folder", path: "usr", mode: 0o755 };
    yield { kind: "folder", path: "usr/share", mode: 0o755 };
    yield* folderEntries(zoneinfo, "usr/share/zoneinfo");
}
