import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { before, test } from "node:test";
import type { CachedImageArgs } from "../../../src/image/args";
import { exportFaults } from "../../../src/image/exportFaults";
import { planCachedImage } from "../../../src/image/plan";
import { type Declarations, mockPulumi } from "../../support/mocks";
import { writeFolder } from "../../support/tinyProject";

const context = writeFolder({
    Dockerfile: "FROM alpine\nARG GREETING\nRUN echo $GREETING > /greeting\n",
});
let declared: Declarations;
let Component: typeof import("../../../src/index").CachedImage;

before(async () => {
    declared = await mockPulumi({ config: { "harbor:url": "https://harbor.example.com" } });
    // The mocks must be set before the package loads Pulumi's resources.
    Component = require("../../../src/index").CachedImage;
});

test("repeats the app image's build for each export, from its caches and without writing any", async () => {
    new Component("fm", {
        project: { name: "shop" },
        context,
        tags: ["1.0"],
        buildArgs: { GREETING: "hello" },
        labels: { team: "shop" },
        noCache: true,
        pull: true,
        exports: [
            { type: "oci", dest: join(context, "dist", "oci") },
            { type: "local", dest: "./dist/files" },
            { type: "docker" },
        ],
    });
    const app = (await declared.wait("fm-app")).inputs;
    const { cacheTo: _, noCache: __, pull: ___, exports: ____, ...shared } = app;
    const inputs = {
        ...shared,
        buildArgs: { GREETING: "hello", HARBOR_BUILD_APP: `sha256:${"d".repeat(64)}` },
        buildOnPreview: false,
    };
    const exporters = {
        oci: { exports: [{ oci: { dest: `${relative("", context)}/dist/oci`, tar: false } }] },
        local: { exports: [{ local: { dest: "dist/files" } }] },
        docker: { load: true },
    };
    let previous = "fm-app";
    for (const [type, exporter] of Object.entries(exporters)) {
        const found = await declared.wait(`fm-export-${type}`);
        assert.equal(found.type, "docker-build:index:Image");
        assert.deepEqual(found.inputs, { ...inputs, ...exporter });
        assert.ok(found.after.includes(previous), `${found.name} after ${previous}`);
        previous = found.name;
    }
});

const faults = (
    exports: CachedImageArgs["exports"],
    platforms?: readonly string[],
): readonly string[] =>
    exportFaults(exports, {
        name: "fm",
        args: { project: { name: "shop" }, context, platforms: platforms && [...platforms] },
    }).map(({ path, message }) => `${path}: ${message}`);

test("accepts folders for files, and no place for a Docker daemon", () => {
    const exports = [
        { type: "oci", dest: "../dist" },
        { type: "local", dest: "." },
        { type: "docker" },
    ] as const;
    assert.deepEqual(faults([...exports], ["linux/arm64"]), []);
});

test("warns about a folder that the next build reads", () => {
    const read = writeFolder({
        Dockerfile: "FROM alpine\nCOPY . /\n",
        ".dockerignore": "out\n",
        "dist/oci/index.json": "{}",
        "out/index.json": "{}",
    });
    const planned = (dest: string) => {
        const decision = planCachedImage(
            "fm",
            {
                project: { name: "shop" },
                context: read,
                exports: [{ type: "oci", dest: join(read, dest) }],
            },
            {
                stack: "dev",
                configUrl: "https://harbor.example.com",
                environmentUrl: undefined,
                explicitProvider: false,
            },
        );
        return "plan" in decision ? decision.plan.warnings : undefined;
    };
    assert.deepEqual(planned("dist/oci"), [
        `exports[0].dest: the build reads what this export writes ("${read}/dist/oci"), so every \`up\` builds again. Fix: exclude the folder in .dockerignore, or name one outside the context.`,
    ]);
    assert.deepEqual(planned("out"), []);
    assert.deepEqual(planned("dist/o"), []);
    assert.deepEqual(planned("../other"), []);
});

test("rejects places that docker-build cannot write to", () => {
    assert.deepEqual(faults([{ type: "oci" }, { type: "local", dest: "" }]), [
        'exports[0].dest: missing. Expected a folder, for example "dist/oci".',
        'exports[1].dest: missing. Expected a folder, for example "dist/local".',
    ]);
    assert.deepEqual(faults([{ type: "local", dest: "a,mode=delete" }]), [
        'exports[0].dest: "a,mode=delete" has a character that docker-build cannot pass on. Expected a path without commas, quotes or line breaks.',
    ]);
    assert.deepEqual(faults([{ type: "oci", dest: "fm.tar" }]), [
        'exports[0].dest: "fm.tar" is the name of an archive, and docker-build 0.0.22 writes only folders. Fix: name a folder, and archive it after the run: tar -C FOLDER -cf fm.tar .',
    ]);
    assert.deepEqual(faults([{ type: "docker", dest: "fm.tar" }]), [
        'exports[0].dest: "fm.tar" is set, but docker-build 0.0.22 only loads the image into the Docker daemon. Fix: remove dest, or use type "oci", whose folder becomes an archive with: tar -C FOLDER -cf FILE .',
    ]);
});

test("rejects a duplicate type, and an image for several platforms", () => {
    const twice = [
        { type: "oci", dest: "a" },
        { type: "oci", dest: "b" },
    ] as const;
    assert.deepEqual(faults([...twice]), ['exports[1]: "oci" is a duplicate; remove it']);
    assert.deepEqual(faults([{ type: "docker" }], ["linux/amd64", "linux/arm64"]), [
        "exports: not possible for several platforms (2). Expected an image for one platform. Fix: remove exports, or name one platform in platforms.",
    ]);
});
