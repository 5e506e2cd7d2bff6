import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { recordBuilds } from "../support/buildRecord";
import { openLab, uniqueName } from "../support/lab";
import { succeeded } from "../support/run";
import { newRunner } from "../support/runner";
import { sharedStack } from "../support/sharedStack";
import { writeFolder } from "../support/tinyProject";
import { printedIn } from "../support/toolApp";

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

/** An image that carries its mounts, in the project of the base image. */
const program = (name: string) => `
import { CachedImage } from "harbor-build";

const { HARBOR_USERNAME: username = "", HARBOR_PASSWORD: password = "" } = process.env;
new CachedImage("${name}", {
    project: { name: ${JSON.stringify(project)}, existing: true },
    credentials: { username, password },
    context: "app",
    cache: { carryMounts: true },
});
`;

const stack = sharedStack(lab, program("app"), {
    files: writeFolder({
        "app/Dockerfile": [
            `FROM ${host}/${project}/shell-less:1`,
            "COPY main.txt /src/",
            'RUN --mount=type=cache,target=/m ["/busybox", "cp", "/src/main.txt", "/m/"]',
            "",
        ].join("\n"),
        "app/main.txt": "main\n",
    }),
});

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

// Two images of different bases share a mount by its id, and one mounts it where the base has a link.
const stage = (name: string, base: string, target: string, before = "true") => [
    `FROM ${base} AS ${name}`,
    `RUN ${before}`,
    "COPY main.txt /src/",
    `RUN --mount=type=cache,id=shared,target=${target} ` +
        `if [ -f ${target}/${name} ]; then echo compiles fast; else echo compiles all; fi; ` +
        `head -c 100000 /dev/urandom > ${target}/${name}; cp /src/main.txt /out`,
];
const shared = sharedStack(lab, program("shared"), {
    files: writeFolder({
        "app/Dockerfile": [
            ...stage("one", "alpine:3.22", "/m"),
            ...stage("two", "busybox:stable", "/link", "mkdir -p /real && ln -s /real /link"),
            "FROM scratch",
            "COPY --from=one /out /one",
            "COPY --from=two /out /two",
            "",
        ].join("\n"),
        "app/main.txt": "main\n",
    }),
});

/** Builds a changed source on a new runner; gives what the compilers printed, sorted. */
async function rebuildShared(): Promise<readonly string[]> {
    await newRunner(lab);
    appendFileSync(join(shared.folder, "app/main.txt"), "changed\n");
    const { result, builds } = await recordBuilds(lab, () => shared.up());
    const { output } = succeeded(result);
    assert.doesNotMatch(output, /cache mount.* is not (?:saved|carried)/);
    return [...printedIn(builds)].sort();
}

test("carries a mount that images of two bases share, over a link of one base", async () => {
    assert.deepEqual(await rebuildShared(), ["compiles all", "compiles all"]);
    assert.deepEqual(await rebuildShared(), ["compiles fast", "compiles fast"]);
});

test("saves and restores a mount in which a process of another build keeps a file open", async () => {
    const context = writeFolder({
        Dockerfile: [
            "FROM busybox:stable",
            "RUN --mount=type=cache,id=shared,target=/m exec 9> /m/server; echo locked; sleep 600",
            "",
        ].join("\n"),
    });
    await newRunner(lab);
    const server = spawn(lab.buildctl, [
        ...["--addr", lab.buildkitAddress, "build", "--frontend=dockerfile.v0"],
        ...["--progress=plain", `--local=context=${context}`, `--local=dockerfile=${context}`],
    ]);
    try {
        for await (const text of server.stderr) {
            if (/\d locked$/m.test(String(text))) break;
        }
        appendFileSync(join(shared.folder, "app/main.txt"), "changed\n");
        const { output } = succeeded(await shared.up());
        assert.doesNotMatch(output, /cache mount.* is not saved/);
        assert.equal(server.exitCode, null);
    } finally {
        server.kill("SIGINT");
    }
    assert.deepEqual(await rebuildShared(), ["compiles fast", "compiles fast"]);
});
