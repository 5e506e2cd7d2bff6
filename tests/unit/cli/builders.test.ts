import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { checkBuilders } from "../../../src/cli/builders";
import { describeFinding } from "../../../src/cli/finding";
import { writeFolder } from "../../support/tinyProject";

const fix =
    "  Fix: `docker buildx create --use` creates a builder with the driver docker-container.";
const instance = (name: string, driver: string, ...endpoints: string[]) => ({
    [`instances/${name}`]: JSON.stringify({
        Name: name,
        Driver: driver,
        Nodes: endpoints.map((Endpoint) => ({ Endpoint })),
    }),
});
const own = instance("own", "docker-container", "default");

/** The findings, where `docker` is a shell script; without one, it is missing. */
async function reports(
    files: Record<string, string>,
    script?: string,
    builds = false,
    limits = {},
) {
    const bin = writeFolder(script === undefined ? {} : { docker: `#!/bin/sh\n${script}\n` });
    if (script !== undefined) chmodSync(join(bin, "docker"), 0o755);
    const env = { BUILDX_CONFIG: writeFolder(files), PATH: `${bin}:/usr/bin:/bin` };
    return (await checkBuilders({ cwd: "/", env, builds, ...limits })).map(describeFinding);
}

/** What `docker buildx inspect` prints. */
const inspects = (line: string) => `[ "$2" = inspect ] && echo "${line}"`;
const running = inspects("Status:                running");
const denied =
    "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock";
const sudoFix =
    "let your user use Docker without sudo: add it to the group docker and log in again, or use Docker's rootless mode.";

test("reports that there is neither a builder nor Docker", async () => {
    const env = { BUILDX_CONFIG: "/nowhere", PATH: "/nowhere" };
    const findings = await checkBuilders({ cwd: "/", env, builds: false });
    assert.deepEqual(findings.map(describeFinding), [
        `✖ builder: no buildx builder, and no Docker that answers.\n${fix}`,
    ]);
});

test("reports that docker-build would start a builder of its own", async () => {
    assert.deepEqual(await reports({}, "exit 0"), [
        `ℹ builder: none that docker-build can use: it starts a BuildKit container in Docker, without your settings, and leaves it running. Docker's own builder (\`default\`, driver docker) does not help.\n${fix}`,
    ]);
    const down =
        "Cannot connect to the Docker daemon at unix:///run/d.sock. Is the docker daemon running?";
    assert.deepEqual(await reports({}, `echo "${down}" >&2; exit 1`), [
        `✖ builder: no buildx builder, and Docker does not answer: ${down}\n  Fix: start Docker, or name its address in DOCKER_HOST.`,
    ]);
    assert.deepEqual(await reports({}, `echo "${denied}" >&2; exit 1`), [
        `✖ builder: no buildx builder, and Docker does not answer: ${denied}.\n  Fix: ${sudoFix}`,
    ]);
});

test("asks buildx whether a builder in a container answers", async () => {
    assert.deepEqual(await reports(own, running), ["✔ builder own: driver docker-container"]);
    const stopped = inspects("Status:   stopped");
    const isSelected = { current: '{ "Name": "own" }' };
    assert.deepEqual(await reports({ ...own, ...isSelected }, stopped), [
        "✔ builder own: driver docker-container, does not run; docker-build starts it",
    ]);
    // Seen with docker-build 0.0.22: it starts a container of its own instead.
    assert.deepEqual(await reports(own, stopped), [
        "ℹ builder own: does not run, and is not selected: docker-build skips it, unless the argument `builder` names it, and starts a BuildKit container without your settings if no other builder runs.\n  Fix: select it with `docker buildx use own`, and docker-build starts it; or start it with `docker buildx inspect --bootstrap own`.",
    ]);
    const down = "failed to connect to the docker API at unix:///run/d.sock";
    assert.deepEqual(await reports(own, inspects(`Error:          ${down}`)), [
        `✖ builder own: buildx cannot reach it: ${down}.\n  Fix: start Docker, or name its address in DOCKER_HOST.`,
    ]);
    const question = "Cannot connect to the Docker daemon. Is the docker daemon running?";
    assert.match(
        (await reports(own, inspects(`Error: ${question}`))).join(),
        /: Cannot connect to the Docker daemon\. Is the docker daemon running\?\n {2}Fix: start/,
    );
    assert.deepEqual(await reports(own, `echo "ERROR: ${denied}" >&2; exit 1`), [
        `✖ builder own: buildx cannot reach it: ${denied}.\n  Fix: ${sudoFix}`,
    ]);
});

test("reports that a builder cannot be checked without buildx", async () => {
    const expected = [
        "ℹ builder own: driver docker-container; not checked, because there is no `docker buildx`.\n  Fix: install Docker's buildx plugin, https://github.com/docker/buildx.",
    ];
    assert.deepEqual(await reports(own), expected);
    assert.deepEqual(
        await reports(own, "echo 'docker: unknown command: docker buildx' >&2; exit 1"),
        expected,
    );
});

test("builds a tiny image on request only, and explains why it fails", async () => {
    const bad = `${running} && exit; cat > /dev/null; echo 'ERROR: Error response from daemon: Get "https://r/v2/": no such host' >&2; exit 1`;
    assert.deepEqual(await reports(own, bad), ["✔ builder own: driver docker-container"]);
    const [finding] = await reports(own, bad, true);
    assert.match(
        finding ?? "",
        /^✖ builder own: cannot build: Docker cannot pull BuildKit's image, so the builder does not start \(Error response from daemon: Get "https:\/\/r\/v2\/": no such host\)\.\n {2}Fix: docker buildx inspect --bootstrap NAME shows the reason\./,
    );
    const builds = `${running} && exit; [ "$(head -1) $*" = "FROM scratch buildx build --builder own --output type=cacheonly -" ]`;
    assert.deepEqual(await reports(own, builds, true), [
        "✔ builder own: driver docker-container, builds",
    ]);
});

test("asks the registry through each builder that builds", async () => {
    const registry = "harbor.test:8443";
    const ask = async (answer: string, name = registry) => {
        const script = `${running} && exit; read -r line; [ "$line" = "FROM scratch" ] && exit; [ "$line" = "FROM ${name}/harbor-build/doctor:none" ] || exit 3; echo 'ERROR: failed to solve: ${answer}' >&2; exit 1`;
        return reports(own, script, true, { registry: name });
    };
    const reaches = [`✔ builder own: driver docker-container, builds, and reaches ${registry}`];
    for (const answer of [
        `${registry}/harbor-build/doctor:none: not found`,
        "failed to authorize: failed to fetch anonymous token: x509: unknown authority",
        "pull access denied, repository does not exist or may require authorization",
    ]) {
        assert.deepEqual(await ask(answer), reaches);
    }
    const head = `failed to do request: Head "https://${registry}/v2/harbor-build/doctor/manifests/none"`;
    const x509 = `${head}: tls: failed to verify certificate: x509: certificate signed by unknown authority`;
    assert.deepEqual(await ask(x509), [
        `✖ builder own: builds, but cannot use ${registry}: the builder does not trust the registry's certificate (failed to solve: ${x509}).\n` +
            `  Fix: Give the builder the CA of the registry: in buildkitd.toml, [registry."${registry}"] with ca = ["FILE"]. Then create the builder again: \`docker buildx rm own\`, \`docker buildx create --name own --buildkitd-config buildkitd.toml\`.`,
    ]);
    const plain = `unexpected status from HEAD request to http://${registry}/v2/harbor-build/doctor/manifests/none: 400 Bad Request`;
    assert.deepEqual(await ask(plain), [
        `✖ builder own: builds, but cannot use ${registry}: the builder speaks plain HTTP, and the registry expects TLS (failed to solve: ${plain}).\n` +
            `  Fix: in buildkitd.toml, [registry."${registry}"] with http = false, and with ca = ["FILE"] for a CA of your own. Then create the builder again: \`docker buildx rm own\`, \`docker buildx create --name own --buildkitd-config buildkitd.toml\`.`,
    ]);
    // As servers that close a connection without TLS, and then one that closes any connection.
    const [closed] = await ask(`failed to do request: Head "http://${registry}/v2/": EOF`);
    assert.match(
        closed ?? "",
        /: the builder speaks plain HTTP, and the registry closes the connection, as registries that expect TLS do \(.*\n {2}Fix: if the registry has TLS, in buildkitd/,
    );
    const [ended] = await ask(`${head}: EOF`);
    assert.match(
        ended ?? "",
        /: the connection was closed in .*\n {2}Fix: check that harbor\.test:8443 answers the builder, and run this command again\.$/,
    );
    const [loopback] = await ask(
        "dial tcp 127.0.0.1:8443: connect: connection refused",
        "127.0.0.1:8443",
    );
    assert.match(
        loopback ?? "",
        /: the builder's container looks for 127\.0\.0\.1:8443 in its own network, where nothing listens .+\n {2}Fix: create a builder in the machine's network, docker buildx create --use --driver-opt network=host/,
    );
});

test("reports a Docker that gives no answer in time, or ends without a message", async () => {
    const limits = { askTimeoutMs: 300, buildTimeoutMs: 400 };
    const start = "start Docker, or name its address in DOCKER_HOST.";
    const hangs = "exec sleep 30";
    assert.deepEqual(await reports({}, hangs, false, limits), [
        `✖ builder: no buildx builder, and Docker does not answer: no answer in 0.3 s.\n  Fix: ${start}`,
    ]);
    assert.deepEqual(await reports({}, "exit 1"), [
        `✖ builder: no buildx builder, and Docker does not answer.\n  Fix: ${start}`,
    ]);
    const remove = `${start} Or remove the builder: \`docker buildx rm own\`.`;
    assert.deepEqual(await reports(own, hangs, false, limits), [
        `✖ builder own: buildx cannot reach it: no answer in 0.3 s.\n  Fix: ${remove}`,
    ]);
    assert.deepEqual(await reports(own, "exit 1"), [
        `✖ builder own: buildx cannot reach it: it ends without a message.\n  Fix: ${remove}`,
    ]);
    const building = `${running} && exit; ${hangs}`;
    assert.deepEqual(await reports(own, building, true, limits), [
        "✖ builder own: cannot build: no answer in 0.4 s.\n  Fix: see `docker buildx inspect --bootstrap own`.",
    ]);
});

test("names the builder that docker-build uses when there are several", async () => {
    const both = { ...own, ...instance("other", "docker-container", "default") };
    const [none] = await reports(both, running);
    assert.equal(
        none,
        "ℹ builders: other, own; none is selected, so docker-build uses the first that runs.\n  Fix: name one in the argument `builder`, or select one with `docker buildx use NAME`.",
    );
    const [selected] = await reports({ ...both, current: '{ "Name": "own" }' }, running);
    assert.equal(selected, "✔ builders: other, own; docker-build uses own, which is selected");
});

test("reports a driver that docker-build does not use", async () => {
    assert.deepEqual(await reports(instance("cloud", "cloud", "default")), [
        `✖ builder cloud: docker-build does not use the driver cloud. Expected docker-container, kubernetes, remote.\n${fix}`,
    ]);
});

test("tries the address of a remote builder", async () => {
    const socket = join(writeFolder({}), "buildkit.sock");
    const server = createServer((client) => client.destroy()).listen(socket);
    try {
        const both = {
            ...instance("down", "remote", "tcp://127.0.0.1:1"),
            ...instance("up", "remote", `unix://${socket}`),
        };
        assert.deepEqual((await reports(both)).slice(1), [
            "✖ builder down: no BuildKit answers at tcp://127.0.0.1:1 (ECONNREFUSED).\n  Fix: start it, or remove the builder: `docker buildx rm down`.",
            "✔ builder up: driver remote; anyone who builds on it can change what all others build on it",
        ]);
    } finally {
        server.close();
    }
});
