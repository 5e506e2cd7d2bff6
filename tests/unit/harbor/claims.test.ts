import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, symlinkSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { Claims } from "../../../src/harbor/claims";

const claim = { user: 'CachedImage "fm"', project: "shop" };
const engine = "127.0.0.1:41234";

let before: string | undefined;
let temporary: string;

beforeEach(() => {
    before = process.env["TMPDIR"];
    temporary = mkdtempSync(join(tmpdir(), "claims-"));
    process.env["TMPDIR"] = temporary;
});
afterEach(() => {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
});

const folder = () => join(temporary, `harbor-build-runs-${process.getuid?.()}`);

test("shares claims between the processes of one engine", () => {
    new Claims(engine).add(claim);
    assert.deepEqual(new Claims(engine).all(), [claim]);
});

test("keeps claims of other engines apart", () => {
    new Claims(engine).add(claim);
    assert.deepEqual(new Claims("127.0.0.1:41235").all(), []);
});

test("has no claims without an engine, because a debugged provider serves several runs", () => {
    const claims = new Claims(undefined);
    claims.add(claim);
    assert.deepEqual(claims.all(), []);
});

const hourMs = 60 * 60 * 1000;

test("ignores the claims of a run with the same port that ended hours before the process started", () => {
    new Claims(engine).add(claim);
    const later = new Claims(engine, Date.now() + 7 * hourMs);
    assert.deepEqual(later.all(), []);
    const other = { user: 'CachedImage "api"', project: "api" };
    later.add(other);
    assert.deepEqual(later.all(), [other]);
});

test("counts the claims of a long run, in a provider that starts late or runs for days", () => {
    new Claims(engine).add(claim);
    for (const hours of [5, -48]) {
        const started = Date.now() + hours * hourMs;
        assert.deepEqual(new Claims(engine, started).all(), [claim], `${hours}`);
    }
});

test("deletes the files of runs that wrote nothing for a day", () => {
    new Claims("127.0.0.1:1").add(claim);
    const old = new Date(Date.now() - 25 * hourMs);
    utimesSync(join(folder(), "1.jsonl"), old, old);
    new Claims(engine).add(claim);
    assert.deepEqual(readdirSync(folder()), ["41234.jsonl"]);
});

test("uses no folder that is a link, and keeps the process's own claims", () => {
    symlinkSync(mkdtempSync(join(tmpdir(), "claims-")), folder());
    const claims = new Claims(engine);
    claims.add(claim);
    assert.deepEqual([claims.all(), new Claims(engine).all()], [[claim], []]);
});
