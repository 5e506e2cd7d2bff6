import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";

const root = join(__dirname, "..", "..", "..");
const opening = `
import { createServer } from "node:http";
import { before, test } from "node:test";
import { atEnd } from ${JSON.stringify(join(root, "tests/support/atEnd"))};

async function open(name, close = () => undefined) {
    const server = createServer();
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    return atEnd(() => {
        console.log("closes " + name);
        server.close();
        return close();
    });
}
`;

/** Runs a test file in a separate process, and returns its exit code and what it closed. */
function runFile(context: TestContext, text: string) {
    const folder = mkdtempSync(join(tmpdir(), "hb-at-end-"));
    context.after(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "file.test.ts");
    writeFileSync(file, `${opening}${text}`);
    // Without this variable: inside a test, the test runner runs no files.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const args = ["--import", "tsx", "--test", "--test-reporter=spec", file];
    const { status, stdout } = spawnSync(process.execPath, args, {
        cwd: root,
        env,
        encoding: "utf8",
        timeout: 30_000,
    });
    return { status, output: stdout, closed: stdout.match(/(?<=closes )\w+/g) };
}

test("closes what a file opened before its `before` hook failed, in reverse order, and the file ends", (context) => {
    const { status, output, closed } = runFile(
        context,
        `
before(async () => {
    await open("first");
    await open("second");
    throw new Error("no such thing");
});
test("runs", () => undefined);
`,
    );
    assert.equal(status, 1);
    assert.match(output, /no such thing/);
    assert.deepEqual(closed, ["second", "first"]);
});

test("closes everything although one resource fails to close, and reports each failure", (context) => {
    const { status, output, closed } = runFile(
        context,
        `
before(async () => {
    await open("first", async () => { throw new Error("first stays"); });
    await open("second", () => { throw new Error("second stays"); });
    await open("third");
});
test("runs", () => undefined);
`,
    );
    assert.equal(status, 1);
    assert.deepEqual(closed, ["third", "second", "first"]);
    assert.match(output, /Error: second stays\n\s+Error: first stays/);
});

test("closes a resource only once", (context) => {
    const { status, closed } = runFile(
        context,
        `
test("runs", async () => {
    const close = await open("it");
    await close();
    await close();
});
`,
    );
    assert.equal(status, 0);
    assert.deepEqual(closed, ["it"]);
});
