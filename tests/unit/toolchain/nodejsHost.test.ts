import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import * as language from "@pulumi/pulumi/proto/language_pb";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { bundleHost } from "../../../tools/toolchain/pieces/engine";
import { programPins } from "../../../tools/toolchain/pins";
import { answer, type Host, programInfo, startHost, writeProgram } from "./hostClient";
import { temporaryFolder } from "./temporary";

const root = temporaryFolder();
const hostFile = join(root, "pulumi-language-nodejs");
let host: Host;

before(async () => {
    await bundleHost(hostFile);
    host = await startHost(hostFile);
});
after(() => host.stop());

/** Makes a program whose SDK is one file: the loader that the host runs. */
function program(name: string, loader: string, more: Record<string, unknown> = {}): string {
    return writeProgram(join(root, name), {
        "package.json": { name },
        "node_modules/@pulumi/pulumi/package.json": { name: "@pulumi/pulumi", version: "3.270.0" },
        "node_modules/@pulumi/pulumi/cmd/run/index.js": loader,
        ...more,
    });
}

function runRequest(folder: string, options: Record<string, string | boolean> = {}) {
    return new language.RunRequest()
        .setInfo(programInfo(folder, options))
        .setProject("shop")
        .setStack("dev")
        .setOrganization("organization")
        .setMonitorAddress("127.0.0.1:1")
        .setParallel(16);
}

const run = (request: language.RunRequest) =>
    answer<language.RunRequest, language.RunResponse>(
        (message, done) => host.client.run(message, done),
        request,
    );

async function packagesOf(folder: string) {
    const request = new language.GetRequiredPackagesRequest().setInfo(programInfo(folder));
    const response = await answer<
        language.GetRequiredPackagesRequest,
        language.GetRequiredPackagesResponse
    >((message, done) => host.client.getRequiredPackages(message, done), request);
    return response
        .getPackagesList()
        .map((found) => [found.getKind(), found.getName(), found.getVersion(), found.getServer()])
        .sort();
}

test("reports the version of its engine", async () => {
    const info = await answer<Empty, PluginInfo>(
        (message, done) => host.client.getPluginInfo(message, done),
        new Empty(),
    );
    assert.equal(info.getVersion(), programPins("pulumi").version);
});

test("passes the engine's request to a program's loader as arguments and environment", async () => {
    const received = join(root, "received.json");
    const folder = program(
        "arguments",
        `const { PULUMI_CONFIG, PULUMI_CONFIG_SECRET_KEYS, PULUMI_NODEJS_TYPESCRIPT,
            PULUMI_NODEJS_TSCONFIG_PATH } = process.env;
        require("fs").writeFileSync(${JSON.stringify(received)}, JSON.stringify({
            args: process.argv.slice(2), nodeArgs: process.execArgv, PULUMI_CONFIG,
            PULUMI_CONFIG_SECRET_KEYS, PULUMI_NODEJS_TYPESCRIPT, PULUMI_NODEJS_TSCONFIG_PATH }));`,
    );
    const options = { tsconfig: "other.json", nodeargs: "--title='two words'" };
    const request = runRequest(folder, options).setDryrun(true);
    request.getConfigMap().set("shop:size", "3").set("aws:config:region", "eu");
    request.setConfigsecretkeysList(["shop:key"]);
    const response = await run(request);
    assert.deepEqual([response.getError(), response.getBail()], ["", false]);
    assert.deepEqual(JSON.parse(readFileSync(received, "utf8")), {
        args: [
            ...["--monitor", "127.0.0.1:1", "--engine", "127.0.0.1:9"],
            ...["--organization", "organization", "--project", "shop", "--root-directory", folder],
            ...["--stack", "dev", "--pwd", folder, "--parallel", "16", "--dry-run", "."],
        ],
        nodeArgs: ["--title=two words"],
        PULUMI_CONFIG: '{"aws:config:region":"eu","shop:config:size":"3"}',
        PULUMI_CONFIG_SECRET_KEYS: '["shop:key"]',
        PULUMI_NODEJS_TYPESCRIPT: "true",
        PULUMI_NODEJS_TSCONFIG_PATH: "other.json",
    });
});

test("leaves TypeScript to the project when its options ask for that", async () => {
    const received = join(root, "typescript.txt");
    const write = `require("fs").writeFileSync(${JSON.stringify(received)}, String(process.env.PULUMI_NODEJS_TYPESCRIPT))`;
    await run(runRequest(program("javascript", write), { typescript: false }));
    assert.equal(readFileSync(received, "utf8"), "undefined");
});

test("forwards a program's output before it reports the end", async () => {
    const large = 'process.stdout.write("x".repeat(300_000) + "end of output\\n")';
    await run(runRequest(program("output", large)));
    assert.match(host.output(), /x{1000}end of output\n$/);
});

test("bails on exit code 32 without an error, and reports other exit codes", async () => {
    const bail = await run(runRequest(program("bail", "process.exit(32)")));
    assert.deepEqual([bail.getBail(), bail.getError()], [true, ""]);
    const failed = await run(runRequest(program("failed", "process.exit(3)")));
    assert.equal(failed.getBail(), false);
    assert.equal(failed.getError(), "Program exited with non-zero exit code: 3");
    const killed = await run(runRequest(program("killed", 'process.kill(process.pid, "SIGKILL")')));
    assert.equal(killed.getError(), "Program was ended by SIGKILL");
});

test("names what to do when a program has no SDK", async () => {
    const folder = writeProgram(join(root, "bare"), { "package.json": { name: "bare" } });
    assert.equal(
        (await run(runRequest(folder))).getError(),
        "It looks like the Pulumi SDK has not been installed. Have you run npm install or yarn install?",
    );
});

test("names a runtime option of the wrong type", async () => {
    const folder = program("options", "");
    assert.equal(
        (await run(runRequest(folder, { typescript: "yes" }))).getError(),
        "typescript option must be a boolean",
    );
});

test("lists the plugins of installed packages, including nested and linked ones", async () => {
    const plugin = (name: string, version: string, pulumi: object) => ({ name, version, pulumi });
    const modules = "node_modules";
    const folder = program("packages", "", {
        [`${modules}/@pulumi/docker-build/package.json`]: plugin("@pulumi/docker-build", "0.0.22", {
            resource: true,
        }),
        [`${modules}/a/package.json`]: { name: "a", version: "1.0.0" },
        [`${modules}/a/${modules}/@pulumi/aws/package.json`]: plugin("@pulumi/aws", "7.0.0", {
            resource: true,
            server: "https://plugins.example.com",
        }),
        [`${modules}/third-party/package.json`]: plugin("third-party", "1.0.0", {
            resource: true,
            name: "third",
            version: "v2.0.0",
        }),
        [`${modules}/nameless/package.json`]: plugin("nameless", "1.0.0", { resource: true }),
        [`${modules}/broken/package.json`]: "{",
        [`app/${modules}/@pulumi/gcp/package.json`]: plugin("@pulumi/gcp", "9.1.0", {
            resource: true,
        }),
        [`.hidden/${modules}/@pulumi/azure/package.json`]: plugin("@pulumi/azure", "1.0.0", {
            resource: true,
        }),
    });
    assert.deepEqual(await packagesOf(folder), [
        ["resource", "aws", "v7.0.0", "https://plugins.example.com"],
        ["resource", "docker-build", "v0.0.22", ""],
        ["resource", "gcp", "v9.1.0", ""],
        ["resource", "third", "v2.0.0", ""],
    ]);
});

test("lists the dependencies of package.json with their installed versions", async () => {
    const folder = program("dependencies", "", {
        "package.json": {
            dependencies: { "@pulumi/pulumi": "^3.0.0" },
            devDependencies: { absent: "1" },
        },
    });
    const request = new language.GetProgramDependenciesRequest().setInfo(programInfo(folder));
    const response = await answer<
        language.GetProgramDependenciesRequest,
        language.GetProgramDependenciesResponse
    >((message, done) => host.client.getProgramDependencies(message, done), request);
    assert.deepEqual(
        response.getDependenciesList().map((found) => [found.getName(), found.getVersion()]),
        [
            ["@pulumi/pulumi", "3.270.0"],
            ["absent", ""],
        ],
    );
});

test("streams a plugin's output and reports its exit code", async () => {
    const folder = program("plugin", "", {
        "node_modules/@pulumi/pulumi/cmd/run-plugin/index.js": `
            console.log("port", process.argv.slice(2).join(" "), process.env.TOKEN);
            console.error("careful"); process.exitCode = Number(process.argv[3]);`,
    });
    const stream = (code: string) =>
        host.client.runPlugin(
            new language.RunPluginRequest()
                .setInfo(programInfo(folder))
                .setPwd(root)
                .setKind("resource")
                .setArgsList([code])
                .setEnvList(["TOKEN=a=b"]),
        );
    let [stdout, stderr] = ["", ""];
    for await (const message of stream("0")) {
        assert.ok(message instanceof language.RunPluginResponse);
        stdout += Buffer.from(message.getStdout_asU8()).toString();
        stderr += Buffer.from(message.getStderr_asU8()).toString();
    }
    assert.deepEqual([stdout, stderr], [`port ${folder} 0 a=b\n`, "careful\n"]);
    const failing = async () => {
        for await (const _message of stream("9")) {
        }
    };
    await assert.rejects(failing, /Program exited with non-zero exit code: 9/);
});

test("answers UNIMPLEMENTED to calls that only the vendor's host implements", async () => {
    await assert.rejects(
        answer((message: language.GeneratePackageRequest, done) => {
            host.client.generatePackage(message, done);
        }, new language.GeneratePackageRequest()),
        { code: 12 },
    );
});

const endless = (pidFile: string) =>
    `require("fs").writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); setInterval(() => {}, 1000);`;

async function pidIn(file: string): Promise<number> {
    for (;;) {
        const text = (() => {
            try {
                return readFileSync(file, "utf8");
            } catch {
                return "";
            }
        })();
        if (text !== "") {
            return Number(text);
        }
        await sleep(20);
    }
}

function lives(pid: number): boolean {
    try {
        process.kill(pid, 0);
        return true;
    } catch {
        return false;
    }
}

test("ends the program when the engine cancels", async () => {
    const pidFile = join(root, "cancelled.pid");
    const running = run(runRequest(program("cancelled", endless(pidFile))));
    const pid = await pidIn(pidFile);
    await answer<Empty, Empty>((message, done) => host.client.cancel(message, done), new Empty());
    assert.equal((await running).getError(), "Program was ended by SIGINT");
    assert.equal(lives(pid), false);
});

test("ends the program of a cancelled call", async () => {
    const pidFile = join(root, "broken-off.pid");
    const call = host.client.run(runRequest(program("broken-off", endless(pidFile))), () => {});
    const pid = await pidIn(pidFile);
    call.cancel();
    const deadline = Date.now() + 5_000;
    while (lives(pid) && Date.now() < deadline) {
        await sleep(20);
    }
    assert.equal(lives(pid), false);
});

test("ends its programs, then itself with exit code 0, on the engine's SIGINT", async () => {
    const other = await startHost(hostFile);
    const pidFile = join(root, "interrupted.pid");
    other.client.run(runRequest(program("interrupted", endless(pidFile))), () => {});
    const pid = await pidIn(pidFile);
    assert.equal(await other.stop(), 0);
    assert.equal(lives(pid), false);
});
