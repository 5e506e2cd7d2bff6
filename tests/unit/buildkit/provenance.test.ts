import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { BuilderHistory } from "../../../src/buildkit/builderHistory";
import { historyServer } from "./historyServer";

const slsa = "https://slsa.dev/provenance/v1";
const sha256 = (text: string) => `sha256:${createHash("sha256").update(text).digest("hex")}`;
/** What the server stores under the digests of the provenance. */
const content = new Map([
    [sha256('{"a":1}'), '{"a":1}'],
    [sha256('{"b":1}'), '{"b":"changed"}'],
]);

/** A message of Protocol Buffers; a list is a repeated field. */
function message(fields: readonly (readonly [field: number, value: Buffer | string | number])[]) {
    return Buffer.concat(
        fields.map(([field, value]) => {
            if (typeof value === "number") return Buffer.from([field * 8, value]);
            const bytes = Buffer.from(value);
            const { length } = bytes;
            // Lengths below 16384 have two bytes, also when one is enough.
            const header = [...varint(field * 8 + 2), (length & 127) | 128, length >> 7];
            return Buffer.concat([Buffer.from(header), bytes]);
        }),
    );
}

const varint = (value: number) => (value < 128 ? [value] : [(value & 127) | 128, value >> 7]);

/** A build in the history of the server. */
interface Build {
    readonly digest: string;
    readonly push?: boolean;
    readonly types?: readonly (readonly [type: string, digest: string])[];
}

let builds: readonly Build[] = [];

function listed({ digest, push = true, types = [] }: Build, index: number): Buffer {
    const attributes = Object.entries({ name: "shop/fm:1", push: String(push) });
    const exporter = message(
        attributes.map(([key, value]) => [
            2,
            message([
                [1, key],
                [2, value],
            ]),
        ]),
    );
    const attestations = types.map(([type, stored]) => {
        const annotation = message([
            [1, "in-toto.io/predicate-type"],
            [2, type],
        ]);
        return [
            2,
            message([
                [2, stored],
                [5, annotation],
            ]),
        ] as const;
    });
    const result = message([[1, message([[2, digest]])], ...attestations]);
    const record = message([
        [1, `build-${index}`],
        [4, exporter],
        [6, message([[1, index + 1]])],
        [10, result],
    ]);
    // Fields above 15 have a tag of two bytes.
    const steps = Buffer.from([15 * 8, 2, 0x80, 1, 3]);
    return message([
        [1, 1],
        [2, Buffer.concat([record, steps])],
    ]);
}

const env = historyServer((path, request) => {
    if (path.endsWith("/ListenBuildHistory")) return builds.map(listed);
    const text = content.get(request.subarray(7).toString()) ?? "";
    const half = text.length >> 1;
    return [text.slice(0, half), text.slice(half)].map((part) => message([[2, part]]));
});

const provenanceOf = (digest: string) =>
    new BuilderHistory(env).provenance({ tags: ["shop/fm:1"], digest });

test("reads the provenance of the build that pushed the image", async () => {
    const types = [
        ["https://slsa.dev/provenance/v0.2", sha256("old")],
        [slsa, sha256('{"a":1}')],
    ] as const;
    builds = [
        { digest: "sha256:a", types },
        // That of a preview, and that of another run.
        { digest: "sha256:a", push: false },
        { digest: "sha256:b" },
    ];
    assert.deepEqual(await provenanceOf("sha256:a"), {
        predicate: { a: 1 },
        steps: { total: 3, cached: 2 },
    });
});

test("says why there is no provenance", async () => {
    builds = [
        { digest: "sha256:none" },
        { digest: "sha256:old", types: [["https://slsa.dev/provenance/v0.2", sha256("old")]] },
        { digest: "sha256:damaged", types: [[slsa, sha256('{"b":1}')]] },
    ];
    const reasons: Readonly<Record<string, string>> = {
        "sha256:none": "the builder recorded the build without a provenance of SLSA 1.0",
        "sha256:old": "the builder recorded the build without a provenance of SLSA 1.0",
        "sha256:damaged": `the content of ${sha256('{"b":1}')} is damaged`,
        "sha256:pruned": "no builder has a record of this build",
    };
    for (const [digest, reason] of Object.entries(reasons)) {
        assert.deepEqual(await provenanceOf(digest), { reason });
    }
});
