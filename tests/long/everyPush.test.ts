import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { after, before, test } from "node:test";
import { assertSection } from "../support/golden";
import { readContents, taggedDigest } from "../support/harborContents";
import { type Lab, openLab, uniqueName } from "../support/lab";
import { openPushedImage, type PushedImage, saidIn } from "../support/pushedImage";
import type { RegistryFault } from "../support/registryProxy";
import { changesOf } from "../support/run";
import type { Run } from "../support/stack";
import { tableOf } from "../support/table";

type Status = RegistryFault["status"];

/** Requests of a run that changes an image, in their order. BuildKit sends `GET /v2/` only once. */
const requests = [
    "GET /service/token",
    "POST /service/token",
    "HEAD manifest",
    "GET manifest",
    "GET blob",
    "HEAD blob",
    "POST upload",
    "PUT upload",
    "PUT manifest",
] as const;
const faults: readonly Status[] = [401, 403, 404, 429, 500, 503, "reset", "reset after"];
/** Faults of a transfer. */
const cut: Readonly<Record<string, Status>> = {
    "GET /service/token": "truncated",
    "GET manifest": "truncated",
    "GET blob": "truncated",
    "PUT upload": "dropped",
};

const project = uniqueName("every");
let lab: Lab;
let image: PushedImage;

before(async () => {
    lab = openLab();
    image = await openPushedImage(lab, project, { delayMs: 100 });
});

/** What a request asks for, without names and digests. */
function kindOf(request: string): string {
    return request
        .replace(/\?.*$/, "")
        .replace(/ \/v2\/.*\/manifests\/\S+$/, " manifest")
        .replace(/ \/v2\/.*\/blobs\/uploads\/\S*$/, " upload")
        .replace(/ \/v2\/.*\/blobs\/\S+$/, " blob");
}

const tagged = async () => taggedDigest(await readContents(lab.admin, project), "fm/cache", "dev");

/** The hook's lines, else the error, without what differs between runs. */
function seenIn(run: Run): string {
    const [error = run.output] = /^ +error: .*$/m.exec(run.output) ?? [];
    const lines = saidIn(run).length > 0 ? saidIn(run) : run.code === 0 ? [] : [error.trim()];
    const seen = lines.map((line) =>
        line
            .replace(/ in [\d.]+ s/, " in N s")
            .replace(/https?:\/\/[\d.:]+/g, "")
            .replaceAll(image.proxy.host, "HOST")
            .replaceAll(project, "PROJECT")
            .replace(/sha256:[0-9a-f]{64}/g, "DIGEST")
            .replace(/(?<=\/uploads\/)[^\s;,)]+/g, "ID")
            .replace(/\?\S+?(?=[;,):]|$)/g, ""),
    );
    return seen.join("<br>") || "nothing";
}

interface Outcome {
    readonly seen: string;
    readonly left: string;
    readonly next: string;
}

/** Rows of the table in their order: the outcome, and each request with the faults that lead to it. */
const outcomes = new Map<string, { outcome: Outcome; met: Map<string, string[]> }>();

test("a changed image needs these requests and no others", async () => {
    const first = await image.push();
    assert.equal(first.code, 0, first.output);
    image.proxy.takeRequests();
    const run = await image.push();
    assert.equal(run.code, 0, run.output);
    const kinds = new Set(image.proxy.takeRequests().map(({ request }) => kindOf(request)));
    assert.deepEqual([...kinds].sort(), [...requests].sort());
});

for (const request of requests) {
    const more = cut[request];
    for (const status of more === undefined ? faults : [...faults, more]) {
        test(`a ${request} fails once: ${status}`, async () => {
            const earlier = await tagged();
            image.proxy.breakNext({
                method: request.split(" ")[0] ?? "",
                path: "",
                when: ({ method, url }: IncomingMessage) => kindOf(`${method} ${url}`) === request,
                status,
                times: 1,
            });
            const run = await image.push();
            assert.equal(image.proxy.broken(), 1, "the fault was met");
            const now = await tagged();
            const isPushed = now !== earlier;
            if (run.code === 0) assert.ok(isPushed, run.output);
            const next = await image.stack.up();
            assert.equal(next.code, 0, next.output);
            const last = await tagged();
            assert.notEqual(last, earlier, "the changed image has the tag");
            if (isPushed) assert.equal(last, now);
            const outcome = {
                seen: seenIn(run),
                left: isPushed ? "the new image" : "the image before",
                next: Object.keys(changesOf(next)).length === 0 ? "nothing to do" : "completes",
            };
            const key = JSON.stringify(outcome);
            const row = outcomes.get(key) ?? { outcome, met: new Map<string, string[]>() };
            row.met.set(request, [...(row.met.get(request) ?? []), String(status)]);
            outcomes.set(key, row);
        });
    }
}

after(() => {
    const rows = [...outcomes.values()].map(({ outcome: { seen, left, next }, met }) => [
        [...met].map(([request, names]) => `\`${request}\`: ${names.join(", ")}`).join("<br>"),
        seen,
        left,
        next,
    ]);
    const intro =
        "`tests/long/everyPush.test.ts` pushes a changed image and lets each kind of request of the run to the registry fail once. The faults are those of [requests to Harbor](#failed-requests-to-harbor); *reset* is *reset before*, and *dropped* breaks the connection after half of a layer. BuildKit repeats most requests itself.";
    assertSection(
        "faults.md",
        "A request to the registry fails while an image is pushed",
        [
            intro,
            "",
            tableOf(
                ["request and fault", "what the user sees", "tag", "the same command again"],
                rows,
            ),
        ].join("\n"),
    );
});
