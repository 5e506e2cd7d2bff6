import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { ContextError, openContext, openFolder } from "../../../src/context";
import { makeFolder } from "./folder";

function failures(location: string, dockerfile?: string) {
    try {
        openContext(location, dockerfile);
    } catch (error) {
        assert.ok(error instanceof ContextError);
        return error.failures;
    }
    return [];
}

const ignoredNames = (location: string, dockerfile?: string) =>
    [...openContext(location, dockerfile).tree.root.children.values()]
        .filter(({ ignored }) => ignored)
        .map(({ path }) => path);

test("prefers the Dockerfile's own ignore file to the context's", () => {
    const folder = makeFolder({
        Dockerfile: "FROM a\n",
        "b.Dockerfile": "FROM b\n",
        "b.Dockerfile.dockerignore": "y\n",
        ".dockerignore": "x\n",
        x: "",
        y: "",
    });
    assert.deepEqual(ignoredNames(folder), ["x"]);
    assert.deepEqual(ignoredNames(folder, join(folder, "b.Dockerfile")), ["y"]);
    assert.equal(openContext(folder).dockerfile.stages[0]?.from.base, "a");
});

test("reports faults of Dockerfile and ignore file together, with file and line", () => {
    const folder = makeFolder({ Dockerfile: "FROM a\nRUM x\n", ".dockerignore": "a\n[b\n" });
    assert.deepEqual(failures(folder), [
        {
            subject: "dockerfile",
            path: join(folder, "Dockerfile"),
            line: 2,
            reason: "unknown instruction RUM; did you mean RUN?",
        },
        {
            subject: "ignoreFile",
            path: join(folder, ".dockerignore"),
            line: 2,
            reason: '"[b" is not a pattern',
        },
    ]);
    assert.throws(() => openContext(folder), {
        message: `${folder}/Dockerfile line 2: unknown instruction RUM; did you mean RUN?\n${folder}/.dockerignore line 2: "[b" is not a pattern`,
    });
});

test("reports a missing context, a context that is a file and a Dockerfile that is a folder", () => {
    const folder = makeFolder({ file: "", "Dockerfile/": "" });
    const reasons = (location: string) =>
        failures(location).map(({ path, reason }) => [path, reason]);
    const none = join(folder, "none");
    const file = join(folder, "file");
    assert.deepEqual(reasons(none), [
        [join(none, "Dockerfile"), "the file does not exist"],
        [none, "the folder does not exist"],
    ]);
    assert.deepEqual(reasons(file), [
        [join(file, "Dockerfile"), "the file does not exist"],
        [file, "this is a file; expected the folder of a build context"],
    ]);
    assert.deepEqual(reasons(folder), [
        [join(folder, "Dockerfile"), "this is a folder; expected a Dockerfile"],
    ]);
});

test("names each file with its line in the error's message", () => {
    const folder = makeFolder({ Dockerfile: "RUM x\n" });
    assert.throws(() => openContext(folder), {
        message: `${join(folder, "Dockerfile")} line 1: unknown instruction RUM; did you mean RUN?`,
    });
});

test("reads a folder as a context with its own ignore file", () => {
    const tree = openFolder(makeFolder({ ".dockerignore": "x\n", x: "", y: "" }));
    assert.equal(tree.root.children.get("x")?.ignored, true);
    assert.throws(() => openFolder("/nowhere/at/all"), {
        message: "/nowhere/at/all: the folder does not exist",
    });
});

test("reads dockerfile when Dockerfile does not exist, with the ignore file of Dockerfile", () => {
    const folder = makeFolder({
        dockerfile: "FROM a\n",
        "Dockerfile.dockerignore": "x\n",
        "dockerfile.dockerignore": "y\n",
        x: "",
        y: "",
    });
    const opened = openContext(folder);
    assert.equal(opened.dockerfilePath, join(folder, "dockerfile"));
    assert.equal(opened.dockerfile.stages[0]?.from.base, "a");
    assert.deepEqual(ignoredNames(folder), ["x"]);
    assert.deepEqual(failures(folder, join(folder, "other/Dockerfile")), [
        {
            subject: "dockerfile",
            path: join(folder, "other/Dockerfile"),
            line: undefined,
            reason: "the file does not exist",
        },
    ]);
});

test("reports links that lead in a circle in place of a context", () => {
    const folder = makeFolder({ a: "-> b", b: "-> a", "c/Dockerfile": "FROM x\n" });
    const reason =
        "links lead in a circle; expected a build context. Correct the target of the link";
    const path = join(folder, "a");
    assert.deepEqual(failures(path, join(folder, "c/Dockerfile")), [
        { subject: "context", path, reason },
    ]);
});

test("does not read a pipe or a device", () => {
    for (const name of ["Dockerfile", ".dockerignore", "Dockerfile.dockerignore"]) {
        const folder = makeFolder({ ...(name === "Dockerfile" ? {} : { Dockerfile: "FROM a\n" }) });
        execFileSync("mkfifo", [join(folder, name)]);
        const [failure] = failures(folder);
        assert.match(failure?.reason ?? "", /^this is a pipe, a socket or a device; expected a/);
    }
    const device = makeFolder({ Dockerfile: "FROM a\n", ".dockerignore": "-> /dev/zero" });
    assert.match(failures(device)[0]?.reason ?? "", /^this is a pipe, a socket or a device/);
});

test("quotes nothing of a file outside the context that a link leads to", () => {
    const outside = makeFolder({
        secret: "FROM a\n[password-4711\n",
        Dockerfile: "FROM a\nRUM x\n",
    });
    const folder = makeFolder({
        Dockerfile: `-> ${outside}/secret`,
        "b/Dockerfile": "FROM a\n",
        "b/.dockerignore": `-> ${outside}/secret`,
    });
    const hidden =
        "invalid. A link on its path leads to a file outside the context, so its text is not shown";
    const reasons = (found: ReturnType<typeof failures>) =>
        found.map(({ line, reason }) => [line, reason]);
    assert.deepEqual(reasons(failures(folder)), [[2, hidden]]);
    assert.deepEqual(reasons(failures(join(folder, "b"))), [[2, hidden]]);
    // A path that names another folder is no link.
    const elsewhere = failures(join(folder, "b"), join(outside, "Dockerfile"));
    assert.match(elsewhere[0]?.reason ?? "", /RUM; did you mean RUN/);
});

test("quotes a Dockerfile that a link in the context leads to", () => {
    const folder = makeFolder({ Dockerfile: "-> files/app", "files/app": "FROM a\nRUM x\n" });
    assert.match(failures(folder)[0]?.reason ?? "", /RUM; did you mean RUN/);
});

test("quotes nothing when a folder on the way is a link out of the context", () => {
    const outside = makeFolder({ Dockerfile: "FROM a\n[password-4711\n" });
    const folder = makeFolder({ docker: `-> ${outside}` });
    const [failure] = failures(folder, join(folder, "docker/Dockerfile"));
    assert.match(failure?.reason ?? "", /^invalid\. A link on its path leads to a file outside/);
});

test("quotes nothing of a file of the program's folder that a link in the context leads to", () => {
    const folder = makeFolder({
        "ctx/Dockerfile": "-> ../.env",
        ".env": "TOKEN=password-4711\n",
        Dockerfile: "FROM a\nRUM x\n",
    });
    const before = process.cwd();
    process.chdir(folder);
    try {
        const [failure] = failures("ctx");
        assert.match(
            failure?.reason ?? "",
            /^invalid\. A link on its path leads to a file outside/,
        );
        // Without a link, the program itself names a file outside the context.
        assert.match(failures("ctx", "Dockerfile")[0]?.reason ?? "", /RUM; did you mean RUN/);
    } finally {
        process.chdir(before);
    }
});

test("quotes a Dockerfile of a context that is given through a link", () => {
    const folder = makeFolder({ Dockerfile: "FROM a\nRUM x\n" });
    const link = join(makeFolder({ link: `-> ${folder}` }), "link");
    assert.match(failures(link)[0]?.reason ?? "", /RUM; did you mean RUN/);
});
