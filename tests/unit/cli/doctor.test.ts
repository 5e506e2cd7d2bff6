import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmodSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { before, test } from "node:test";
import { promisify } from "node:util";
import { doctor } from "../../../src/cli/doctor";
import { ensureCertificates } from "../../../tools/sandbox/certificates";
import { atEnd } from "../../support/atEnd";
import { root } from "../../support/lab";
import { type SandboxHarbor, startSandboxHarbor } from "../../support/sandboxHarbor";
import { writeFolder } from "../../support/tinyProject";

const json = (content: object) => JSON.stringify(content);
const builder = (name: string) =>
    json({ Name: name, Driver: "docker-container", Nodes: [{ Endpoint: "default" }] });
const plugins = '[{"name":"docker-build","version":"0.0.22"}]';
const running = "Status:   running";

/** A machine: the answers of its programs, and the files of the project that differ from a good one. */
interface Machine {
    readonly pulumi?: string;
    readonly plugins?: string;
    readonly inspect?: string;
    readonly files?: Readonly<Record<string, string>>;
    readonly without?: readonly string[];
    readonly env?: NodeJS.ProcessEnv;
}

let harbor: SandboxHarbor;
let faulty: Readonly<Record<string, readonly [Machine, RegExp]>>;

/** Runs doctor on a machine; returns the exit code and the findings that are not good. */
async function diagnose(machine: Machine) {
    const sdk = { version: "3.270.0", peerDependencies: { typescript: ">= 3.8.3 < 7" } };
    const files: Record<string, string> = {
        "Pulumi.yaml":
            "name: shop\nruntime: nodejs\nplugins:\n  providers:\n    - name: harbor\n      path: node_modules/harbor-build/dist/plugin\n",
        ".gitignore": ".harbor-build/\n",
        "tsconfig.json": "{}",
        "node_modules/harbor-build/package.json": json({ version: "1.2.3", main: "i.js" }),
        "node_modules/@pulumi/docker-build/package.json": json({ version: "0.0.22" }),
        "node_modules/@pulumi/pulumi/package.json": json(sdk),
        "node_modules/typescript/package.json": json({ version: "5.9.3" }),
        "node_modules/ts-node/package.json": json({ version: "10.9.2" }),
        "docker.d/buildx/instances/own": builder("own"),
        "docker.d/buildx/current": '{ "Name": "own" }',
        "bin/pulumi": `#!/bin/sh
case "$1 $2" in
  "version ") echo "${machine.pulumi ?? "v3.259.0"}";;
  "plugin ls") echo '${machine.plugins ?? plugins}';;
  "config --json") echo '{}';;
  *) exit 1;;
esac
`,
        "bin/docker": `#!/bin/sh\n[ "$2" = inspect ] && echo "${machine.inspect ?? running}"\nexit 0\n`,
        ...machine.files,
    };
    for (const name of machine.without ?? []) delete files[name];
    const folder = realpathSync(writeFolder(files));
    for (const name of readdirSync(join(folder, "bin")))
        chmodSync(join(folder, "bin", name), 0o755);
    const env = {
        PATH: `${join(folder, "bin")}:/usr/bin:/bin`,
        DOCKER_CONFIG: join(folder, "docker.d"),
        HARBOR_URL: harbor.url,
        HARBOR_USERNAME: "admin",
        HARBOR_PASSWORD: harbor.adminPassword,
        ...machine.env,
    };
    const lines: string[] = [];
    const code = await doctor({ folder, env, print: (line) => lines.push(line) });
    return { code, report: lines.filter((line) => /^[✖ℹ]/.test(line)).join("\n") };
}

/** Address of a Harbor server for doctor, with a certificate of an unknown authority. */
async function startUntrusted(): Promise<string> {
    const { certificateFile, keyFile } = await ensureCertificates(writeFolder({}));
    const pair = { cert: readFileSync(certificateFile), key: readFileSync(keyFile) };
    const server = createServer(pair, (_, response) =>
        response.end(json({ username: "admin", sysadmin_flag: true, harbor_version: "v2.15.2" })),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    atEnd(() => server.close());
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

before(async () => {
    harbor = await startSandboxHarbor();
    const account = {
        duration: 1,
        level: "system",
        permissions: [
            {
                kind: "project",
                namespace: "*",
                access: [{ resource: "repository", action: "pull" }],
            },
        ],
    };
    const client = harbor.client();
    const robot = await client.post("/robots", { ...account, name: "ci" });
    const { name, secret, id } = robot.body as { name: string; secret: string; id: number };
    // Harbor answers the same for a disabled and for an expired account.
    await client.put(`/robots/${id}`, { ...account, name, disable: true });
    const down = "Error:   failed to connect to the docker API at unix:///run/docker.sock";
    const second = { "docker.d/buildx/instances/second": builder("second") };
    const untrusted = await startUntrusted();
    faulty = {
        "the daemon is stopped": [
            { inspect: down },
            /^✖ builder own: buildx cannot reach it: failed to connect to the docker API at .+\n {2}Fix: start Docker/m,
        ],
        "there is no builder": [
            { without: ["docker.d/buildx/instances/own"] },
            /^ℹ builder: none that docker-build can use: it starts a BuildKit container/m,
        ],
        "TypeScript is too new": [
            { files: { "node_modules/typescript/package.json": json({ version: "7.0.2" }) } },
            /^✖ typescript: 7\.0\.2 does not work with @pulumi\/pulumi 3\.270\.0/m,
        ],
        "Pulumi is old": [
            { pulumi: "v3.200.0" },
            /^✖ pulumi: 3\.200\.0 is too old\. Expected 3\.245\.0 or newer/m,
        ],
        "the plugin is missing": [
            { plugins: "[]" },
            /^ℹ plugin docker-build: 0\.0\.22 is not installed/m,
        ],
        "the password is wrong": [
            { env: { HARBOR_PASSWORD: "Wrong12345" } },
            /^✖ Harbor: .*refuses the login of user "admin"; check user name and password/m,
        ],
        "the robot account is disabled or has expired": [
            { env: { HARBOR_USERNAME: name, HARBOR_PASSWORD: secret } },
            /^✖ Harbor: .*refuses the login of user "robot\$ci"; check name and secret, and in Harbor whether the robot account is disabled or has expired/m,
        ],
        "there is no network": [
            { env: { HARBOR_URL: "http://127.0.0.1:9" } },
            /^✖ Harbor: .*cannot be reached: nothing listens there; is the port right and the server up\? \(ECONNREFUSED, GET http:\S+\)\.\n {2}Fix: correct the address or the login, in the stack's `harbor:` settings or in HARBOR_URL/m,
        ],
        "Harbor's CA is not trusted": [
            { env: { HARBOR_URL: untrusted } },
            /^✖ Harbor: url: https:.+ is not trusted: its certificate comes from an unknown certificate authority \(\w+, GET \S+\)\.\n {2}Fix: set SSL_CERT_FILE to a PEM file with that authority's certificate where you run pulumi\.$/m,
        ],
        "docker-build's plugin does not trust Harbor's CA": [
            { env: { HARBOR_URL: untrusted, HARBOR_IGNORE_CERT: "true" } },
            /^✖ certificate: docker-build's plugin does not trust https:.+\n {2}Fix: set SSL_CERT_FILE/m,
        ],
        "a second builder is there, and none is selected": [
            { files: { ...second, "docker.d/buildx/current": "{}" } },
            /^ℹ builders: own, second; none is selected/m,
        ],
        "Docker refuses the user": [
            { inspect: "Error: permission denied while trying to connect to the docker API" },
            /^✖ builder own: buildx cannot reach it: permission denied .+\n {2}Fix: let your user use Docker without sudo/m,
        ],
        "Docker's configuration is not JSON": [
            { files: { "docker.d/config.json": "{ credsStore" } },
            /^ℹ docker login: .+config\.json: is not JSON; docker-build ignores the file/m,
        ],
        "a credential helper prints nothing": [
            {
                files: {
                    "docker.d/config.json": '{ "credsStore": "mute" }',
                    "bin/docker-credential-mute": "#!/bin/sh\n",
                },
            },
            /^✖ docker login: .+credsStore: docker-credential-mute list answered no JSON; docker-build cannot build anything/m,
        ],
        "a credential helper is missing": [
            { files: { "docker.d/config.json": '{ "credsStore": "desktop" }' } },
            /^✖ docker login: .+credsStore: docker-credential-desktop is not in the PATH; docker-build cannot build anything/m,
        ],
    };
});

test("finds nothing on a good machine", async () => {
    assert.deepEqual(await diagnose({}), { code: 0, report: "" });
});

test("finds the one thing that is wrong, with its fix", async () => {
    for (const [situation, [machine, expected]] of Object.entries(faulty)) {
        const { code, report } = await diagnose(machine);
        assert.match(report, expected, situation);
        assert.match(report, /\n {2}Fix: /, situation);
        assert.equal(report.match(/^[✖ℹ]/gm)?.length, 1, `${situation}:\n${report}`);
        assert.equal(code, report.startsWith("✖") ? 1 : 0, situation);
    }
});

test("ends without a stack trace when nobody reads its output", async () => {
    const main = join(root, "src", "cli", "main.ts");
    const { stdout, stderr } = await promisify(execFile)(
        "bash",
        // true ends long before Node.js prints.
        [
            "-c",
            `"$0" --import tsx "$1" --help | true; echo "\${PIPESTATUS[0]}"`,
            process.execPath,
            main,
        ],
        { cwd: root },
    );
    assert.equal(stderr, "");
    assert.equal(stdout, "141\n");
});
