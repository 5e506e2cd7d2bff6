import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { describeMissing } from "../../../src/context/missingSource";
import { readTree } from "../../../src/context/tree";
import { makeFolder, makeTree, selectBy } from "./folder";

const files = {
    "a.txt": "a",
    "Src/Main.go": "",
    "dir/out": "-> ../../etc",
    dangling: "-> nope",
    absolute: "-> /gone",
    circle: "-> circle",
    secret: "",
    toSecret: "-> secret",
    hiddenLink: "-> a.txt",
};

const tree = makeTree(files, "secret\nhiddenLink\n");

function messages(instruction: string): string[] {
    return selectBy(tree, instruction).missing.map((one) => describeMissing(tree, one));
}

test("names the link that leads to nothing that the build receives", () => {
    const advice =
        "which the build does not receive; make sure that its target exists in the context and is " +
        "not ignored, or remove the source. BuildKit resolves links within the context";
    const links = {
        dangling: '"dangling" is a link to "nope"',
        "dangling/x": '"dangling" is a link to "nope"',
        "dir/out": '"dir/out" is a link to "../../etc"',
        absolute: '"absolute" is a link to "/gone"',
        circle: '"circle" is a link to "circle"',
        toSecret: '"toSecret" is a link to "secret"',
    };
    for (const [source, link] of Object.entries(links)) {
        assert.deepEqual(messages(`COPY ${source} /x/`), [`COPY ${source}: ${link}, ${advice}`]);
    }
    assert.deepEqual(messages("COPY hiddenLink /x/"), [
        'COPY hiddenLink: line 2 of .dockerignore ("hiddenLink") excludes it; narrow that pattern or ' +
            'add "!hiddenLink" after it',
    ]);
});

test("explains why --parents finds nothing in a folder", () => {
    for (const source of [".", "./", "/", "./.", "Src/./"]) {
        assert.deepEqual(messages(`COPY --parents ${source} /x/`), [
            `COPY ${source}: --parents finds nothing, because the source names only a folder to start ` +
                'in; write the entries to copy, such as "*", or remove --parents',
        ]);
    }
    assert.deepEqual(messages("COPY --parents a.* Src/./* /x/"), []);
});

test("hints at a name that differs only in case", () => {
    const hint = "and BuildKit distinguishes upper and lower case on every system";
    assert.deepEqual(messages("COPY src/Main.go Src/main.go A.TXT none /x/"), [
        `COPY src/Main.go: "src/Main.go" does not exist in the context; "Src" does, ${hint}`,
        `COPY Src/main.go: "Src/main.go" does not exist in the context; "Main.go" does, ${hint}`,
        `COPY A.TXT: "A.TXT" does not exist in the context; "a.txt" does, ${hint}`,
        'COPY none: "none" does not exist in the context',
    ]);
});

test("names the folder of generated files", () => {
    const folder = makeFolder({ ".harbor-build/x": "" });
    const own = readTree(folder, undefined, { generated: join(folder, ".harbor-build") });
    const { missing } = selectBy(own, "COPY .harbor-build/x /x/");
    assert.deepEqual(
        missing.map((one) => describeMissing(own, one)),
        [
            'COPY .harbor-build/x: ".harbor-build" is the folder of generated files, which no build ' +
                "receives; copy the file to another folder",
        ],
    );
});
