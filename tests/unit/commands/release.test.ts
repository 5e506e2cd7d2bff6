import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { changelogPart, nextVersion, parseChange } from "../../../tools/commands/release/changes";
import {
    releasedExample,
    releasedLock,
    releasedPackage,
} from "../../../tools/commands/release/manifests";

const change = (bump: "patch" | "minor" | "major", text: string) => ({ bump, text });
const file = (bump: string, text: string) => `---\n"harbor-build": ${bump}\n---\n\n${text}\n`;

test("reads a change", () => {
    assert.deepEqual(
        parseChange("a.md", file("minor", "One.\nTwo.")),
        change("minor", "One.\nTwo."),
    );
});

test("names an invalid file", () => {
    for (const content of ["", file("huge", "One."), file("minor", ""), "One."]) {
        assert.throws(
            () => parseChange("a.md", content),
            /^Error: a\.md: not a change\. Expected /,
        );
    }
});

test("reads every change of the repository", () => {
    const folder = join(__dirname, "../../../.changeset");
    for (const name of readdirSync(folder)) {
        parseChange(name, readFileSync(join(folder, name), "utf8"));
    }
});

test("raises the number that the changes require", () => {
    const [patch, minor, major] = [
        change("patch", "a"),
        change("minor", "b"),
        change("major", "c"),
    ];
    assert.equal(nextVersion("1.2.3", [patch]), "1.2.4");
    assert.equal(nextVersion("1.2.3", [patch, minor]), "1.3.0");
    assert.equal(nextVersion("1.2.3", [major, minor]), "2.0.0");
    assert.equal(nextVersion("0.1.9", [patch]), "0.1.10");
    assert.equal(nextVersion("0.1.9", [major]), "0.2.0");
});

test("writes a version's part of the changelog, by kind", () => {
    const changes = [
        change("patch", "Fixes b."),
        change("minor", "Adds a.\n\nWith a second paragraph."),
        change("patch", "Fixes a."),
        change("major", "Renames c."),
    ];
    assert.equal(
        changelogPart("0.2.0", "2026-01-31", changes),
        `## 0.2.0 (2026-01-31)

### Users must change something

- Renames c.

### Added

- Adds a.
  
  With a second paragraph.

### Fixed

- Fixes a.
- Fixes b.
`,
    );
});

test("gives the package, its SDK and its lock file one version", () => {
    const manifest = {
        name: "harbor-build",
        version: "0.1.0",
        devDependencies: { a: "1", "@pulumi/harbor": "0.1.0" },
    };
    const released = {
        name: "harbor-build",
        version: "0.2.0",
        devDependencies: { a: "1", "@pulumi/harbor": "0.2.0" },
    };
    const version = "0.2.0";
    assert.deepEqual(releasedPackage(manifest, { version, repository: undefined }), released);
    const lock = {
        version: "0.1.0",
        packages: {
            "": manifest,
            "sdks/harbor": { name: "@pulumi/harbor", version: "0.1.0" },
            b: {},
        },
    };
    assert.deepEqual(releasedLock(lock, version), {
        version,
        packages: { "": released, "sdks/harbor": { name: "@pulumi/harbor", version }, b: {} },
    });
    assert.deepEqual(
        releasedExample({ dependencies: { b: "2", "harbor-build": "0.1.0" } }, version),
        {
            dependencies: { b: "2", "harbor-build": version },
        },
    );
});

test("fills the links to the repository", () => {
    const repository = "https://github.com/example/harbor-build";
    assert.deepEqual(releasedPackage({ version: "0.1.0" }, { version: "0.2.0", repository }), {
        version: "0.2.0",
        devDependencies: { "@pulumi/harbor": "0.2.0" },
        repository: { type: "git", url: "git+https://github.com/example/harbor-build.git" },
        bugs: "https://github.com/example/harbor-build/issues",
        homepage: "https://github.com/example/harbor-build#readme",
    });
});
