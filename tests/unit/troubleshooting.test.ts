import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";

const root = join(__dirname, "..", "..");
const rooms = ["src", "tools"];

/** Messages of others that users meet here: of Pulumi, of buildx, of Harbor. */
const foreign = [
    "Could not automatically download and install resource plugin 'pulumi-resource-harbor' at version",
    "no resource plugin 'pulumi-resource-docker-build' found in the workspace at version",
    "denied: adding … of storage resource, which when updated to current usage of … will exceed the configured upper limit of …",
    "the stack is currently locked by",
    "failed to load checkpoint: …",
    'error hook "…" failed: rpc error: code = Unavailable',
    'before hook "…" failed: rpc error: code = Unavailable',
    'after hook "…" failed: rpc error: code = Unavailable',
    "error listing credentials - err: …",
    "permission denied while trying to connect to the docker API",
];

/** All our sources as one text, with messages in one piece that lines break there. */
const sources = rooms
    .flatMap((room) =>
        readdirSync(join(root, room), { recursive: true, encoding: "utf8" })
            .filter((file) => /\.(ts|cjs)$/.test(file))
            .map((file) => readFileSync(join(root, room, file), "utf8")),
    )
    .join("\n")
    .replaceAll(/["'`]\s*\+\s*["'`]/g, "")
    .replaceAll('\\"', '"');

const text = readFileSync(join(root, "TROUBLESHOOTING.md"), "utf8");
const quoted = [...text.matchAll(/^### (.*)$/gm)]
    .flatMap(([, heading = ""]) => [...heading.matchAll(/`([^`]+)`/g)])
    .map(([, message = ""]) => message);

describe("TROUBLESHOOTING.md", () => {
    test("has headings that quote messages", () => {
        assert.ok(quoted.length > 40);
    });

    for (const message of quoted) {
        const ours = !foreign.some((one) => message.startsWith(one));
        test(`quotes ${message}, a message ${ours ? "of this package" : "of other programs"}`, () => {
            const parts = ours ? message.split("…").map((part) => part.trim()) : [];
            assert.deepEqual(
                parts.filter((part) => !sources.includes(part)),
                [],
            );
        });
    }
});
