import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { CachedImageArgs } from "../../../src/cachedImageArgs";
import { planCachedImage } from "../../../src/cachedImagePlan";
import { writeFolder } from "../../support/tinyProject";

const folder = writeFolder({
    Dockerfile: "FROM alpine\nCOPY conf.txt /\n",
    "conf.txt": "",
    "cycle/Dockerfile":
        "FROM alpine AS a\nCOPY --from=b /x /\nFROM alpine AS b\nCOPY --from=a /x /\n",
    "hidden/Dockerfile": "FROM alpine\nCOPY conf.txt /\n",
    "hidden/conf.txt": "",
    "hidden/.dockerignore": "*.txt\n",
    "broken/Dockerfile": "FROM alpine\nRUNN make\nCOPY a\n",
});

/** Every fault as `path: message`, the folder's own name left out. */
function faults(args: Partial<CachedImageArgs>): readonly string[] {
    const all = { project: { name: "shop" }, context: folder, ...args };
    const decision = planCachedImage("fm", all, {
        stack: "dev",
        configUrl: "https://harbor.example.com",
        environmentUrl: undefined,
        explicitProvider: false,
    });
    return "faults" in decision
        ? decision.faults.map(({ path, message }) => `${path}: ${message.replaceAll(folder, "")}`)
        : [];
}

test("arguments that can be used have no faults", () => {
    assert.deepEqual(faults({}), []);
});

test("what cannot be built is told with its file and line", () => {
    assert.deepEqual(faults({ context: join(folder, "cycle") }), [
        "dockerfile: /cycle/Dockerfile: line 2: stages depend on each other: a → b → a",
    ]);
    assert.deepEqual(faults({ context: join(folder, "hidden") }), [
        'dockerfile: /hidden/Dockerfile: line 2: COPY conf.txt: line 1 of .dockerignore ("*.txt") ' +
            'hides it; narrow that pattern or add "!conf.txt" after it',
    ]);
    assert.deepEqual(faults({ context: join(folder, "broken") }), [
        "dockerfile: /broken/Dockerfile: line 2: unknown instruction RUNN; did you mean RUN?",
        "dockerfile: /broken/Dockerfile: line 3: COPY a: expected at least one source and a destination",
    ]);
});

test("a context that is a file, and a named one that is not there, are told by their arguments", () => {
    assert.deepEqual(faults({ context: join(folder, "conf.txt") }), [
        "context: /conf.txt: this is a file; a build context is a folder",
    ]);
    assert.deepEqual(faults({ namedContexts: { lib: join(folder, "absent") } }), [
        "namedContexts.lib: /absent: there is no such folder",
    ]);
});

test("faults of arguments, of the Dockerfile and contradictions are told together", () => {
    assert.deepEqual(
        faults({
            project: { name: "shop", existing: true },
            retainImages: false,
            context: join(folder, "cycle"),
            platforms: ["linux/amd65", "linux/arm64", "linux/arm64"],
            cache: { scope: "main", fallbackScopes: ["main", ""] },
        }).map((fault) => fault.slice(0, fault.indexOf(":"))),
        [
            "cache.fallbackScopes[0]",
            "cache.fallbackScopes[1]",
            "platforms[0]",
            "platforms[2]",
            "retainImages",
            "dockerfile",
        ],
    );
});
