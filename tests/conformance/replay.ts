import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { cleanUp } from "./cleanUp";
import { differences } from "./compare";
import { type Answer, afterLock } from "./http";
import { newRun } from "./names";
import { type Recording, type RequestStep, readRecording, type Step } from "./recording";
import { Rights } from "./rights";
import { Session, type TargetServer } from "./session";
import { prepare } from "./setup";
import { openTarget } from "./target";

/**
 * Harbor finishes some work after its answer; a differing answer is requested again for this time.
 */
const patienceMs = 40_000;
const pollMs = 250;

const isRequest = (step: Step): step is RequestStep => "method" in step;

/** Sends a step. Waits for the end of a lock unless the login is refused in the recording. */
const sendStep = (session: Session, step: RequestStep): Promise<Answer> =>
    step.expect.status === 401 ? session.send(step) : afterLock(() => session.send(step));

async function settle(session: Session, step: RequestStep): Promise<string[]> {
    let faults = differences(session, step, await sendStep(session, step));
    const patient = step.method === "GET" && step.path.startsWith("/api/");
    const deadline = Date.now() + (session.server.upstreamUrl === undefined ? patienceMs : 2_000);
    while (patient && faults.length > 0 && Date.now() < deadline && isUnsettled(step)) {
        await sleep(pollMs);
        faults = differences(session, step, await session.send(step));
    }
    return faults;
}

/** Requests about recent pulls or jobs. */
const isUnsettled = (step: RequestStep): boolean =>
    /\/(artifacts|repositories|executions|tasks|tags|summary)/.test(step.path);

/**
 * Replays a recording against the sandbox, or against the Harbor in HARBOR_URL. Each request is a
 * separate test and must get the answer of the real Harbor.
 */
export function replay(name: string, only: { readonly sandbox?: string } = {}): void {
    const recording: Recording = readRecording(name);
    test(`answers as in the recording ${name}`, async (t) => {
        const target = await openTarget({ registry: needsRegistry(recording) });
        try {
            if (!target.isSandbox && only.sandbox !== undefined) {
                t.skip(`only against the sandbox: ${only.sandbox}`);
                return;
            }
            if (target.unfit !== undefined) {
                t.skip(target.unfit);
                return;
            }
            await replayAgainst(t, target.server, recording, target.isSandbox);
        } finally {
            await target.close();
        }
    });
}

const needsRegistry = (recording: Recording): boolean =>
    recording.steps.some((step) =>
        isRequest(step)
            ? step.path.startsWith("/v2/") && step.path !== "/v2/"
            : !["user", "project", "robot"].includes(step.setup),
    );

async function replayAgainst(
    t: TestContext,
    server: TargetServer,
    recording: Recording,
    isSandbox: boolean,
): Promise<void> {
    const session = new Session(server, recording, newRun());
    const rights = new Rights(session);
    try {
        for (const step of recording.steps) {
            if (!isRequest(step)) {
                if (rights.lackingFor(step) === undefined) {
                    await prepare(session, step);
                }
            } else if (isSandbox || step.system !== true) {
                const skip = rights.lacking(step) ?? false;
                await t.test(`${step.name}: ${step.method} ${step.path}`, { skip }, async () => {
                    assert.deepEqual(await settle(session, step), []);
                });
            }
        }
    } finally {
        await t.test("deletes what it made", () => cleanUp(session));
    }
}
