import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { openHarborLab } from "../support/harborLab";
import { openLab, uniqueName } from "../support/lab";
import { testManyImages } from "../support/manyImages";
import { measured, type Peaks, printsPeaks } from "../support/peaks";
import { changesOf, succeeded } from "../support/run";
import { TestStack } from "../support/stack";
import { tinyProgram, writeFolder } from "../support/tinyProject";

const lab = openLab();
const stacks = testManyImages([20, 200]);

test("needs no more open files for 200 images than for 20, and memory in proportion", () => {
    const [small, large] = stacks;
    assert.ok(small && large, "both stacks were deployed");
    assert.equal(large.up.openFiles, small.up.openFiles);
    assert.equal(large.again.openFiles, small.again.openFiles);
    assert.ok(large.up.memoryMiB < small.up.memoryMiB * 3, "memory");
});

/** Previews an image of `folder`, whose build context is in its folder "tiny". */
async function previewed(
    context: Parameters<typeof measured>[0],
    what: string,
    folder: string,
): Promise<Peaks> {
    const program = `${tinyProgram(uniqueName("load"))}\n${printsPeaks}`;
    const stack = await TestStack.create(lab, program, { files: folder });
    const peaks = await measured(context, what, () => stack.preview());
    assert.equal(peaks.run.operations["tiny-app"], "create");
    await stack.remove();
    return peaks;
}

test("previews a Dockerfile of 300 stages with little more memory than one of 30", async (context) => {
    const preview = (stages: number) => {
        const lines = ["FROM scratch AS s0", "COPY text /text"];
        for (let stage = 1; stage < stages; stage++) {
            lines.push(`FROM scratch AS s${stage}`, `COPY --from=s${stage - 1} /text /text`);
        }
        const files = { "tiny/Dockerfile": `${lines.join("\n")}\n`, "tiny/text": "text\n" };
        return previewed(context, `${stages} stages`, writeFolder(files));
    };
    const small = await preview(30);
    const large = await preview(300);
    assert.ok(large.memoryMiB - small.memoryMiB < 80, "memory");
    assert.equal(large.openFiles, small.openFiles);
});

test("previews a context of 200,000 files with less than 2 KiB of memory a file", async (context) => {
    const preview = (count: number) => {
        const folder = writeFolder({ "tiny/Dockerfile": "FROM scratch\nCOPY src /src\n" });
        for (let file = 0; file < count; file++) {
            const parent = join(folder, "tiny", "src", String(file % 200));
            if (file < 200) mkdirSync(parent, { recursive: true });
            writeFileSync(join(parent, `${file}.txt`), "");
        }
        return previewed(context, `${count} files`, folder);
    };
    const small = await preview(20_000);
    const large = await preview(200_000);
    assert.ok((large.memoryMiB - small.memoryMiB) * 1024 < 180_000 * 2, "memory");
    assert.equal(large.openFiles, small.openFiles);
});

test("previews a file of 4 GB with the memory of a file of 1 kB", async (context) => {
    const preview = (what: string, bytes: number) => {
        const folder = mkdtempSync(join(tmpdir(), "hb-files-"));
        mkdirSync(join(folder, "tiny"));
        writeFileSync(join(folder, "tiny", "Dockerfile"), "FROM scratch\nCOPY data /data\n");
        writeFileSync(join(folder, "tiny", "data"), "");
        truncateSync(join(folder, "tiny", "data"), bytes);
        return previewed(context, what, folder);
    };
    const small = await preview("a file of 1 kB", 1e3);
    const large = await preview("a file of 4 GB", 4e9);
    assert.ok(large.memoryMiB - small.memoryMiB < 30, "memory");
});

test("waits two seconds at most for each request when Harbor is that slow", async (context) => {
    const delayMs = 2_000;
    const harbor = await openHarborLab();
    const project = uniqueName("slow");
    const stack = await harbor.stack(`
import { ImageProject } from "harbor-build";
${printsPeaks}
new ImageProject("shop", { name: ${JSON.stringify(project)}, retainImages: false });
`);
    for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE"]) {
        harbor.proxy.inject({
            method,
            path: "/",
            times: Number.POSITIVE_INFINITY,
            afterwards: true,
            act: (response, answered) =>
                void sleep(delayMs).then(() => {
                    response.writeHead(answered?.status ?? 500, answered?.headers ?? {});
                    response.end(answered?.body);
                }),
        });
    }
    harbor.takeRequests();
    const first = await measured(context, "slow Harbor, up", () => stack.up());
    const requests = harbor.takeRequests();
    context.diagnostic(`requests: ${requests.join(", ")}`);
    assert.ok(requests.length > 0, "the delay was reached");
    assert.ok(first.seconds < (requests.length * delayMs) / 1_000 + 20, `${first.seconds} s`);
    const again = await measured(context, "slow Harbor, up again", () => stack.up());
    assert.deepEqual(changesOf(again.run), {});
    assert.deepEqual(harbor.takeRequests(), []);
    harbor.proxy.stopFaults();
    succeeded(await stack.destroy());
    await harbor.close();
});
