import assert from "node:assert/strict";
import { test } from "node:test";
import { pathWithin, slashed } from "../../../src/context/systemPath";

test("finds a folder in another on Windows, in any case and with either separator", () => {
    const within = (outer: string, folder: string) => pathWithin(outer, folder, "win32");
    assert.equal(within("C:\\Shop", "c:\\shop\\app\\.harbor-build"), "app/.harbor-build");
    assert.equal(within("C:/shop/", "C:\\shop\\.harbor-build"), ".harbor-build");
    assert.equal(within("C:\\shop\\app", "C:\\shop\\.harbor-build"), undefined);
    assert.equal(within("C:\\shop\\.harbor-build", "C:\\shop"), undefined);
    assert.equal(within("D:\\shop", "C:\\shop\\.harbor-build"), undefined);
    assert.equal(within("C:\\shop", "C:\\shop"), undefined);
});

test("finds a folder in another on other systems, where a backslash is part of a name", () => {
    const within = (outer: string, folder: string) => pathWithin(outer, folder, "linux");
    assert.equal(within("/shop", "/shop/app/.harbor-build"), "app/.harbor-build");
    assert.equal(within("/shop", "/shop/a\\b"), "a\\b");
    assert.equal(within("/Shop", "/shop/.harbor-build"), undefined);
    assert.equal(within("/shop/..app", "/shop"), undefined);
    assert.equal(within("/", "/..shop"), "..shop");
});

test("writes targets of links with slashes on Windows only", () => {
    assert.equal(slashed("..\\v1\\run.sh", "win32"), "../v1/run.sh");
    assert.equal(slashed("a\\b", "linux"), "a\\b");
});
