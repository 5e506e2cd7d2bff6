import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { askApi, type RegistryAccess } from "./registry";

/** A run of one of Harbor's jobs, of which the tests read the outcome. */
interface JobRun {
    readonly status?: string;
    readonly job_status?: string;
}

/** Runs a project's retention and waits for its end, at most a minute. */
export async function runRetention(admin: RegistryAccess, project: string): Promise<void> {
    const { json } = await askApi(admin, `/projects/${project}`);
    // Harbor's answer to a request for a project.
    const { metadata } = json as { metadata: { retention_id: string } };
    const runs = `/retentions/${metadata.retention_id}/executions`;
    await startJob(admin, runs, { dry_run: false });
    await waitForJob(admin, runs);
}

/** Collects the garbage of the whole Harbor, untagged artifacts too; waits for its end. */
export async function collectGarbage(admin: RegistryAccess): Promise<void> {
    const parameters = { delete_untagged: true, workers: 1 };
    await startJob(admin, "/system/gc/schedule", { parameters, schedule: { type: "Manual" } });
    await waitForJob(admin, "/system/gc?sort=-creation_time&page_size=1");
}

async function startJob(admin: RegistryAccess, path: string, body: unknown): Promise<void> {
    const { status, json } = await askApi(admin, path, { method: "POST", body });
    assert.equal(status, 201, JSON.stringify(json));
}

/** Waits until the latest of a list of runs has succeeded. */
async function waitForJob(admin: RegistryAccess, path: string): Promise<void> {
    for (let attempt = 0; attempt < 240; attempt++) {
        const [latest] = (await askApi(admin, path)).json as JobRun[];
        const status = latest?.job_status ?? latest?.status;
        if (status === "Success") {
            return;
        }
        assert.notEqual(status, "Error", path);
        await sleep(250);
    }
    throw new Error(`the job did not end within a minute: ${path}`);
}
