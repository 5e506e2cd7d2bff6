import assert from "node:assert/strict";
import { test } from "node:test";
import { digestFault } from "../../../src/bases/fault";
import type { CacheSourceStatus } from "../../../src/registry/cacheSource";

const pin = { reference: "golang:1.22", context: "golang:1.22", line: 3 };

function messageOf(status: CacheSourceStatus, more: { asked?: string; early?: "early" } = {}) {
    const answer = { status, reason: "it is so" };
    const asked = more.asked ?? pin.reference;
    const isAccountUnknown = more.early !== undefined;
    const fault = digestFault({ pin, asked, answer, isAccountUnknown }, "fm/Dockerfile");
    assert.equal(fault?.path, "baseImages");
    return fault?.message;
}

const head = 'fm/Dockerfile: line 3: cannot find the digest of "golang:1.22"';
const float = ", or use BaseImagePolicy.Float";

test("a base whose digest is known is no fault", () => {
    const answer = { digest: `sha256:${"a".repeat(64)}` };
    const known = { pin, asked: pin.reference, answer, isAccountUnknown: false };
    assert.equal(digestFault(known, "fm/Dockerfile"), undefined);
});

test("each state of a registry has its remedy", () => {
    const remedies: [CacheSourceStatus, string][] = [
        ["missing", "Correct its name"],
        ["forbidden", "If its name is right, docker login there"],
        ["login refused", "Log in there again"],
        ["expired", "Log in there again"],
        ["blocked", "Use an image that the policy allows"],
        ["unreachable", "Try again, name another registry in baseImageMirrors"],
    ];
    for (const [status, remedy] of remedies) {
        assert.equal(messageOf(status), `${head}: it is so. ${remedy}${float}`);
    }
});

test("a mirror that was asked is named", () => {
    assert.equal(
        messageOf("missing", { asked: "harbor.example.com/hub/library/golang:1.22" }),
        `${head}, asked for as harbor.example.com/hub/library/golang:1.22: it is so. Correct its name${float}`,
    );
});

test("an account that does not exist yet is no reason to look for a wrong login", () => {
    assert.equal(
        messageOf("forbidden", { early: "early" }),
        `${head}: it is so; the account that this deployment makes there is known only afterwards. ` +
            `If its name is right, docker login there${float}`,
    );
});

test("a named context is reported by its argument", () => {
    const answer = { status: "missing", reason: "it is so" } as const;
    const named = { reference: "tools:1", context: "tools", line: undefined };
    assert.deepEqual(
        digestFault(
            { pin: named, asked: "tools:1", answer, isAccountUnknown: false },
            "Dockerfile",
        ),
        {
            path: "namedContexts.tools",
            message: `cannot find the digest of "tools:1": it is so. Correct its name${float}`,
        },
    );
});
