import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { recordBuilds } from "../support/buildRecord";
import { openLab, uniqueName } from "../support/lab";
import { succeeded } from "../support/run";
import { newRunner } from "../support/runner";
import { sharedStack } from "../support/sharedStack";
import { writeFolder } from "../support/tinyProject";

const lab = openLab();
const host = new URL(lab.admin.url).host;
const project = uniqueName("mountbases");

// The base image: one program, and no shell under its name.
sharedStack(
    lab,
    `
import { CachedImage, ImageProject } from "harbor-build";

const { project } = new ImageProject("bases", { name: ${JSON.stringify(project)}, public: true, retainImages: false });
new CachedImage("shell-less", { project, context: "base", tags: ["1"] });
`,
    {
        up: true,
        files: writeFolder({
            "base/Dockerfile":
                "FROM busybox:stable AS all\nFROM scratch\nCOPY --from=all /bin/busybox /busybox\n",
        }),
    },
);

const stack = sharedStack(
    lab,
    `
import { CachedImage } from "harbor-build";

const { HARBOR_USERNAME: username = "", HARBOR_PASSWORD: password = "" } = process.env;
new CachedImage("app", {
    project: { name: ${JSON.stringify(project)}, existing: true },
    credentials: { username, password },
    context: "app",
    cache: { carryMounts: true },
});
`,
    {
        files: writeFolder({
            "app/Dockerfile": [
                `FROM ${host}/${project}/shell-less:1`,
                "COPY main.txt /src/",
                'RUN --mount=type=cache,target=/m ["/busybox", "cp", "/src/main.txt", "/m/"]',
                "",
            ].join("\n"),
            "app/main.txt": "main\n",
        }),
    },
);

test("builds on a base image without a shell, and reports that its mount is not carried", async () => {
    for (const change of ["", "changed\n"]) {
        await newRunner(lab);
        appendFileSync(join(stack.folder, "app/main.txt"), change);
        const { result, builds } = await recordBuilds(lab, () => stack.up());
        const { output, operations } = succeeded(result);
        assert.equal(builds.length, 1);
        assert.equal(operations["app-mounts"], undefined);
        assert.match(
            output,
            /line 3: the cache mount \/m is not carried: the base image of its stage may have no \/bin\/sh/,
        );
    }
});
