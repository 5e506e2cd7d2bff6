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

test("reports no fault for a base with a known digest", () => {
    const answer = { digest: `sha256:${"a".repeat(64)}` };
    const known = { pin, asked: pin.reference, answer, isAccountUnknown: false };
    assert.equal(digestFault(known, "fm/Dockerfile"), undefined);
});

test("gives advice for each state of a registry", () => {
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

test("names the mirror that was asked", () => {
    assert.equal(
        messageOf("missing", { asked: "harbor.example.com/hub/library/golang:1.22" }),
        `${head}, requested as harbor.example.com/hub/library/golang:1.22: it is so. Correct its name${float}`,
    );
});

test("does not blame the login of an account that does not exist yet", () => {
    assert.equal(
        messageOf("forbidden", { early: "early" }),
        `${head}: it is so; the robot account for this registry does not exist before this deployment. ` +
            `If its name is right, docker login there${float}`,
    );
});

test("reports a named context by its argument", () => {
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
