import assert from "node:assert/strict";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import { ensureTools } from "../../tools/toolchain/tools";
import { atEnd } from "../support/atEnd";
import { writeBuilders } from "../support/builders";
import { type Example, openExample } from "../support/example";
import { readConfig } from "../support/image";
import { openLab } from "../support/lab";
import { deleteLeftovers } from "../support/leftovers";
import { askApi } from "../support/registry";

const lab = openLab();
const name = "example-makefile";
let example: Example;

/** The commands of Docker that the Makefile uses, without Docker. */
async function writeDocker(buildx: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "hb-docker-"));
    atEnd(() => rm(folder, { recursive: true, force: true }));
    const script = `#!/bin/sh -e
if [ "$1" = buildx ]; then shift; exec ${buildx} "$@"; fi
[ "$1 $2 $4" = "login --username --password-stdin" ]
auth=$(printf '%s:%s' "$3" "$(cat)" | base64 -w 0)
printf '{"auths":{"%s":{"auth":"%s"}}}' "$5" "$auth" > "$DOCKER_CONFIG/config.json"
`;
    await writeFile(join(folder, "docker"), script);
    await chmod(join(folder, "docker"), 0o755);
    return folder;
}

before(async () => {
    const { buildx } = await ensureTools(["buildx"]);
    const builders = await writeBuilders({ lab: [{ endpoint: lab.buildkitAddress }] });
    const docker = await writeDocker(buildx);
    const path = [docker, lab.environment["PATH"], process.env["PATH"]].join(":");
    example = await openExample("makefile-migration", {
        ...builders,
        BUILDX_BUILDER: "lab",
        PATH: path,
    });
});

/** What an image is: its layers and its configuration. */
async function readImage() {
    const { config, rootfs } = (await readConfig(lab.admin, `${name}/fm`, "1.0.0")) as Awaited<
        ReturnType<typeof readConfig>
    > & { rootfs: { diff_ids: string[] } };
    return { config, layers: rootfs.diff_ids };
}

test("makes the same image with the Makefile and its replacement", async () => {
    // Of a run that failed between the Makefile and its replacement.
    await deleteLeftovers(lab.admin, [name]);
    const created = await askApi(lab.admin, "/projects", {
        method: "POST",
        body: { project_name: name },
    });
    assert.equal(created.status, 201);
    const host = new URL(lab.admin.url).host;
    const made = await example.project.run(["make", `REGISTRY=${host}`]);
    assert.equal(made.code, 0, made.output);
    const before = await readImage();
    assert.equal(
        before.layers.length,
        5,
        "alpine, the folder, the time zone, the binary, its configuration",
    );
    await deleteLeftovers(lab.admin, [name]);
    await example.runReadme();
    assert.deepEqual(await readImage(), before);
});
