import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** The context's ignore file. */
export const ignoreText =
    "# what no stage may see\nvendor\nlogs/*\n!logs/keep.log\nsecrets\n**/*.tmp\n";

const files: Readonly<Record<string, string>> = {
    ".dockerignore": ignoreText,
    "README.md": "readme",
    "go.mod": "module",
    "go.sum": "sums",
    "main.go": "package main",
    "cmd/main.go": "package main",
    "cmd/tool/tool.go": "package tool",
    "cmd/tool/tool.tmp": "ignored",
    "conf/config.yaml": "a: 1",
    "conf/dev.yaml": "a: 2",
    "conf/linux-amd64.yaml": "a: 3",
    "docs/a.md": "a",
    "docs/go.mod": "not the other",
    "docs/deep/b.md": "b",
    "docs/deep/c.txt": "c",
    "assets/logo.txt": "logo",
    "assets/page[1].txt": "page",
    "assets/$dir": "dollar",
    "assets/with^hat": "hat",
    "with space/a file.txt": "space",
    "logs/keep.log": "kept",
    "logs/drop.log": "dropped",
    "secrets/key.pem": "hidden",
    "vendor/x/x.go": "package x",
    "#odd": "hash",
    "!odd": "mark",
    "scripts/run.sh": "#!/bin/sh\n",
};

const links: Readonly<Record<string, string>> = {
    "link.yaml": "conf/config.yaml",
    linkdir: "docs",
    linkabs: "/conf/dev.yaml",
    "links/up": "../go.mod",
};

/** A build context with links, odd names and an ignore file, in a separate folder. */
export function makeContext(more: Readonly<Record<string, string>> = {}): {
    folder: string;
    remove: () => void;
} {
    const folder = mkdtempSync(join(tmpdir(), "harbor-build-context-"));
    for (const [path, text] of Object.entries({ ...files, ...more })) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
    }
    for (const [path, target] of Object.entries(links)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        symlinkSync(target, join(folder, path));
    }
    mkdirSync(join(folder, "empty"));
    chmodSync(join(folder, "scripts/run.sh"), 0o755);
    return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
