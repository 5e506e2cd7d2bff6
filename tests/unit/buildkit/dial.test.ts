import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { ControlApi } from "../../../src/buildkit/controlApi";
import { dial } from "../../../src/buildkit/dial";
import { encode } from "../../../src/buildkit/message";
import { root } from "../../support/lab";
import { writeFolder } from "../../support/tinyProject";

const node = {
    builder: "ci",
    driver: "docker-container",
    endpoint: "unix:///var/run/docker.sock",
    options: {},
};

/** An environment whose `docker` is a shell script. */
function dockerIs(script: string): NodeJS.ProcessEnv {
    const folder = writeFolder({ docker: `#!/bin/sh\n${script}\n` });
    chmodSync(join(folder, "docker"), 0o755);
    return { PATH: `${folder}:${process.env["PATH"]}` };
}

const list = (api: ControlApi) => api.call("ListenBuildHistory", encode({}), 5000);

test("reports why docker cannot connect, and outlives its end", async () => {
    for (const answer of [
        "docker: 'buildx' is not a docker command.",
        "docker: unknown command: docker buildx",
        "unknown flag: --builder",
    ]) {
        await assert.rejects(
            list(new ControlApi(dial(node, dockerIs(`echo "${answer}" >&2; exit 1`)))),
            {
                message:
                    "docker buildx dial-stdio: docker has no buildx; install the plugin, https://github.com/docker/buildx",
            },
        );
    }
    const api = new ControlApi(dial(node, dockerIs("echo 'no builder' >&2; echo; exit 1")));
    await assert.rejects(list(api), { message: "docker buildx dial-stdio: no builder" });
    // A write to the ended program must not stop this process.
    await delay(200);
    assert.equal(api.isOpen, false);
    await assert.rejects(list(new ControlApi(dial(node, { PATH: writeFolder({}) }))), {
        message: "docker buildx dial-stdio: spawn docker ENOENT",
    });
});

test("passes bytes in both directions, and lets only one connection in", async () => {
    const { target, fault } = dial(node, dockerIs('echo "$*"; exec cat'));
    const path = target.slice("unix:".length);
    const stream = connect(path).setEncoding("utf8");
    let read = "";
    stream.on("data", (text) => {
        read += text;
    });
    stream.write("sent\n");
    for (let round = 0; round < 100 && !read.endsWith("sent\n"); round++) await delay(50);
    assert.equal(read, "buildx dial-stdio --builder ci\nsent\n");
    assert.equal(existsSync(path), false);
    assert.equal(fault(), "");
    stream.destroy();
    for (let round = 0; round < 100 && fault() === ""; round++) await delay(50);
    assert.equal(fault(), "docker buildx dial-stdio: the connection ended");
});

test("listens once for the end of the process, also after its programs have ended", async () => {
    const env = dockerIs("exit 0");
    for (let round = 0; round < 2; round++) {
        const { fault } = dial(node, env);
        for (let wait = 0; wait < 100 && fault() === ""; wait++) await delay(50);
        const listeners = process.listeners("exit").filter(({ name }) => name === "endPrograms");
        assert.equal(listeners.length, 1);
    }
});

test("connects to a host with the certificates of the builder", () => {
    const remote = (endpoint: string, options: Record<string, string> = {}) => {
        const { target, tls } = dial({ ...node, driver: "remote", endpoint, options }, {});
        return [target, tls?.servername, String(tls?.ca)];
    };
    const cacert = join(writeFolder({ "ca.pem": "CA" }), "ca.pem");
    assert.deepEqual(remote("unix:///run/b.sock"), ["unix:/run/b.sock", undefined, "undefined"]);
    assert.deepEqual(remote("tcp://ci:1234"), ["dns:ci:1234", undefined, "undefined"]);
    assert.deepEqual(remote("tcp://[::1]:1234", { cacert }), ["dns:[::1]:1234", "::1", "CA"]);
    assert.deepEqual(remote("tcp://ci:1234", { servername: "b" }), ["dns:ci:1234", "b", "null"]);
});

/** Runs a program that dials, and then executes a statement; returns how it ended, and docker's plugin. */
async function dialAnd(statement: string) {
    const folder = writeFolder({
        "program.ts": `
            import { dial } from ${JSON.stringify(join(root, "src/buildkit/dial"))};
            import { connect } from "node:net";
            const { target } = dial(${JSON.stringify(node)}, process.env);
            connect(target.slice("unix:".length)).on("data", () => {
                ${statement};
            });
        `,
    });
    // Docker outlives SIGTERM while its plugin runs, and the plugin outlives its standard input.
    const pidFile = join(folder, "pid");
    const script = `trap '' TERM; sleep 60 & echo $! > ${pidFile}; echo; wait`;
    const args = ["--import", "tsx", join(folder, "program.ts")];
    const env = { ...process.env, ...dockerIs(script) };
    const { signal, stderr } = spawnSync(process.execPath, args, { cwd: root, env });
    return { signal, stderr: String(stderr), plugin: readFileSync(pidFile, "utf8").trim() };
}

for (const [how, statement, expected] of [
    ["after an uncaught error", 'throw new Error("unforeseen")', /unforeseen/],
    ["after SIGKILL", 'process.kill(process.pid, "SIGKILL")', /^$/],
] as const) {
    test(`ends docker and its plugin with the process, ${how}`, async () => {
        const { signal, stderr, plugin } = await dialAnd(statement);
        assert.match(stderr, expected);
        assert.equal(signal, how === "after SIGKILL" ? "SIGKILL" : null);
        assert.match(plugin, /^\d+$/);
        const stat = `/proc/${plugin}`;
        for (let round = 0; round < 100 && existsSync(stat); round++) await delay(50);
        assert.equal(existsSync(stat), false);
    });
}
