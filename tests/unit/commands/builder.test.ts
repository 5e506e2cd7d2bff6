import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { declareBuilder } from "../../../tools/commands/builder";

const folder = () => mkdtemp(join(tmpdir(), "hb-docker-"));

test("declares the sandbox's BuildKit as the only instance", async () => {
    const config = await folder();
    await mkdir(join(config, "buildx/instances"), { recursive: true });
    await writeFile(join(config, "buildx/instances/old"), "{}");
    await declareBuilder(config, "unix:///tmp/b.sock", {});
    assert.deepEqual(await readdir(join(config, "buildx/instances")), ["harbor-build"]);
    const json = await readFile(join(config, "buildx/instances/harbor-build"), "utf8");
    assert.deepEqual(JSON.parse(json), {
        Name: "harbor-build",
        Driver: "remote",
        Nodes: [{ Name: "harbor-build0", Endpoint: "unix:///tmp/b.sock" }],
        Dynamic: false,
    });
});

test("copies BUILDX_BUILDER as the only instance", async () => {
    const [config, own] = [await folder(), await folder()];
    await mkdir(join(own, "instances"));
    await writeFile(join(own, "instances/mine"), '{"Name":"mine"}');
    const environment = { BUILDX_BUILDER: "mine", BUILDX_CONFIG: own };
    await declareBuilder(config, "unix:///tmp/b.sock", environment);
    assert.deepEqual(await readdir(join(config, "buildx/instances")), ["mine"]);
    const json = await readFile(join(config, "buildx/instances/mine"), "utf8");
    assert.equal(json, '{"Name":"mine"}');
});

test("names a missing BUILDX_BUILDER and what to do", async () => {
    const own = await folder();
    await assert.rejects(
        declareBuilder(await folder(), "unix:///tmp/b.sock", {
            BUILDX_BUILDER: "gone",
            BUILDX_CONFIG: own,
        }),
        {
            name: "Problem",
            message:
                `BUILDX_BUILDER: no builder "gone" in ${join(own, "instances")}; create it with ` +
                "docker buildx create, or unset the variable to use the sandbox's",
        },
    );
});
