import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { programNames, programPins } from "../../../tools/toolchain/pins";
import pins from "../../../tools/toolchain/pins.json";

const goMod = (folder: string) => readFileSync(join(folder, "go.mod"), "utf8");

test("knows every pinned Go program by name", () => {
    assert.deepEqual(programNames, Object.keys(pins.programs));
});

for (const name of programNames) {
    const program = programPins(name);

    test(`requires the pinned versions of the modules in go.mod of ${name}`, () => {
        for (const module of program.modules) {
            const line = new RegExp(`^(?:require)?\\s+${module} v(\\S+)`, "m").exec(
                goMod(program.folder),
            );
            assert.equal(line?.[1], program.version, module);
        }
    });

    test(`has exactly the pinned replacements in go.mod of ${name}`, () => {
        const found = [...goMod(program.folder).matchAll(/^replace (\S+) => (.*)$/gm)];
        assert.deepEqual(
            Object.fromEntries(found.map(([, from, to]) => [from, to])),
            program.replace,
        );
        for (const [, , to = ""] of found) {
            assert.ok(!to.startsWith(".") || existsSync(join(program.folder, to, "go.mod")), to);
        }
    });

    test(`keeps what the packages need in go.mod of ${name}`, () => {
        for (const path of program.packages) {
            if (path.startsWith("./")) {
                assert.ok(existsSync(join(program.folder, path, "main.go")), path);
            } else {
                assert.match(goMod(program.folder), new RegExp(`^(tool |\\s+)${path}$`, "m"));
            }
        }
    });
}

test("puts versions into linker flags", () => {
    assert.deepEqual(programPins("docker-build").ldflags, [
        "-X github.com/pulumi/pulumi-docker-build/provider.Version=0.0.22",
    ]);
});

test("pins the docker-build plugin in the version of its SDK", () => {
    const manifest = readFileSync(join(__dirname, "../../../package.json"), "utf8");
    const { dependencies } = JSON.parse(manifest);
    assert.equal(dependencies["@pulumi/docker-build"], programPins("docker-build").version);
});
