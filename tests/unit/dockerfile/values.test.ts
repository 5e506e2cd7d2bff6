import assert from "node:assert/strict";
import { test } from "node:test";
import {
    checkDigest,
    checkMode,
    checkMountTarget,
    checkPort,
    checkSignal,
} from "../../../src/dockerfile/values";

/** Those of the texts that a check rejects. */
function rejected(check: (text: string) => void, texts: readonly string[]): string[] {
    return texts.filter((text) => {
        try {
            check(text);
            return false;
        } catch {
            return true;
        }
    });
}

test("rejects modes that BuildKit rejects", () => {
    const taken = ["", "755", "0755", "7777", "u+rwX,go=u-w", "+", "a=rx,+t"];
    assert.deepEqual(rejected(checkMode, [...taken, "8", "10000", "u+q", "u", "u+x,", "-755"]), [
        "8",
        "10000",
        "u+q",
        "u",
        "u+x,",
        "-755",
    ]);
    assert.throws(() => checkMode("u+q"), {
        message: "--chmod=u+q: expected octal digits up to 7777, or changes such as u+x,go-w",
    });
});

test("rejects digests of another form or length", () => {
    const digest = `sha256:${"0a".repeat(32)}`;
    const wrong = ["sha256:1", digest.toUpperCase(), "md5:00", digest.slice(7), `${digest}0`];
    assert.deepEqual(rejected(checkDigest, [digest, `sha512:${"f".repeat(128)}`, ...wrong]), wrong);
});

test("rejects ports, ranges, protocols and addresses that BuildKit rejects", () => {
    const taken = [
        "80",
        "+80",
        "0",
        "80/tcp",
        "80-90/UDP",
        "1:2",
        "1-2:80",
        "1-2:3-4",
        "1.2.3.4:1:2",
    ];
    const wrong = [
        "",
        "99999",
        "-80",
        "80-",
        "90-80",
        "80/x",
        "1-2:3-5",
        "x:1:2",
        ":::80:81x",
        "a",
    ];
    assert.deepEqual(rejected(checkPort, [...taken, "[::1]:80:81", ...wrong]), wrong);
});

test("rejects signals that Linux does not have", () => {
    const taken = ["TERM", "sigterm", "9", "99", "-1", "RTMIN", "SIGRTMIN+15", "RTMAX-14"];
    const wrong = ["0", "FOO", "", "RTMIN+16", "RTMAX-15", "RTMAX+1"];
    assert.deepEqual(rejected(checkSignal, [...taken, ...wrong]), wrong);
});

test("rejects a mount on the root from every working directory", () => {
    const check = (target: string, directory?: string) => {
        checkMountTarget("--mount", target, directory);
    };
    assert.doesNotThrow(() => check("", "/a"));
    assert.doesNotThrow(() => check(""));
    assert.doesNotThrow(() => check("//"));
    assert.throws(() => check("/", "/a"), {
        message: '--mount: a mount cannot replace "/"; expected another target',
    });
    assert.throws(() => check("..", "/a"), { name: "InstructionError" });
});
