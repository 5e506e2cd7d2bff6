import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { startBootstrap, tinyClone } from "./clone";
import { temporaryFolder } from "./temporary";

const root = realpathSync(temporaryFolder());
let count = 0;

function clone(mainProgram: string): { folder: string; environment: NodeJS.ProcessEnv } {
    count += 1;
    const home = join(root, `home-${count}`);
    mkdirSync(home);
    return {
        folder: tinyClone(join(root, `clone-${count}`), mainProgram),
        environment: {
            HOME: home,
            HARBOR_BUILD_CACHE: join(home, "cache"),
            npm_config_offline: "true",
        },
    };
}

const printAll = `
    const { PATH } = process.env;
    console.log(JSON.stringify({ args: process.argv.slice(2), cwd: process.cwd(), PATH }));`;

test("passes arguments on unchanged, in the clone, with Node.js first on PATH", async () => {
    const { folder, environment } = clone(printAll);
    const args = ["pulumi", "preview", "--diff", "two words", ""];
    const run = await startBootstrap(folder, args, environment);
    assert.equal(run.code, 0, run.stderr);
    const printed = JSON.parse(run.stdout);
    assert.deepEqual(printed.args, args);
    assert.equal(printed.cwd, folder);
    assert.equal(printed.PATH.split(":")[0], dirname(process.execPath));
});

test("keeps standard output for the command, also while installing packages", async () => {
    const { folder, environment } = clone('console.log("{}")');
    const first = await startBootstrap(folder, ["pulumi"], environment);
    assert.equal(first.stdout, "{}\n");
    assert.match(
        first.stderr,
        /^toolchain: Node\.js and the packages take about a minute\. .* about 9 minutes on two cores .*\ntoolchain: installing the packages of package-lock\.json\n/,
        "says how long the first start takes",
    );
    const second = await startBootstrap(folder, ["pulumi"], environment);
    assert.deepEqual(second, { code: 0, signal: null, stdout: "{}\n", stderr: "" });
});

test("installs packages again after their removal or a change of the lock file", async () => {
    const { folder, environment } = clone('console.log("ran")');
    await startBootstrap(folder, ["x"], environment);
    rmSync(join(folder, "node_modules"), { recursive: true });
    const afterRemoval = await startBootstrap(folder, ["x"], environment);
    assert.match(afterRemoval.stderr, /installing the packages/);
    tinyClone(folder, 'console.log("ran")');
    const lock = join(folder, "package-lock.json");
    const changed = { version: "1.1.0", dev: true };
    const { packages, ...rest } = JSON.parse(readFileSync(lock, "utf8"));
    writeFileSync(
        lock,
        JSON.stringify({ ...rest, packages: { ...packages, "local/tsx": changed } }),
    );
    const afterChange = await startBootstrap(folder, ["x"], environment);
    assert.match(afterChange.stderr, /installing the packages/);
});

test("installs once when two runs start in a fresh clone", async () => {
    const { folder, environment } = clone('console.log("ran")');
    const runs = await Promise.all([1, 2].map(() => startBootstrap(folder, ["x"], environment)));
    assert.deepEqual(
        runs.map(({ code, stdout }) => [code, stdout]),
        [
            [0, "ran\n"],
            [0, "ran\n"],
        ],
    );
    const installs = runs.filter(({ stderr }) => /installing the packages/.test(stderr));
    assert.equal(installs.length, 1);
});

test("ends with the command's exit code", async () => {
    const { folder, environment } = clone("process.exitCode = 7");
    assert.equal((await startBootstrap(folder, ["x"], environment)).code, 7);
});

test("ends by the signal that ended the command", async () => {
    const { folder, environment } = clone('process.kill(process.pid, "SIGKILL")');
    assert.equal((await startBootstrap(folder, ["x"], environment)).signal, "SIGKILL");
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
    test(`forwards ${signal} once and lets the command decide how to end`, async () => {
        const { folder, environment } = clone(`
            let count = 0;
            process.on("${signal}", () => { count += 1; setTimeout(() => process.exit(40 + count), 300); });
            console.log("ready");
            setInterval(() => {}, 1000);`);
        let sent = false;
        const run = await startBootstrap(folder, ["x"], environment, (stdout, kill) => {
            if (stdout.includes("ready") && !sent) {
                sent = true;
                kill(signal);
            }
        });
        assert.equal(run.code, 41);
    });
}

test("reports a failure of npm with npm's output and advice, without a stack", async () => {
    const { folder, environment } = clone("");
    const lock = join(folder, "package-lock.json");
    const absent = { version: "1.0.0", integrity: `sha512-${"A".repeat(86)}==` };
    const { packages, ...rest } = JSON.parse(readFileSync(lock, "utf8"));
    const more = { ...packages, "node_modules/absent-package": absent };
    more[""].dependencies = { "absent-package": "1.0.0" };
    writeFileSync(lock, JSON.stringify({ ...rest, packages: more }));
    writeFileSync(join(folder, "package.json"), JSON.stringify(more[""]));
    const run = await startBootstrap(folder, ["x"], environment);
    assert.equal(run.code, 1);
    assert.equal(run.stdout, "");
    assert.match(run.stderr, /error: installing the packages of package-lock\.json failed\. /);
    assert.match(run.stderr, /npm error/);
    assert.doesNotMatch(run.stderr, /\n {4}at /);
});

test("rejects an npm version that cannot read the lock file", async () => {
    const { folder, environment } = clone("");
    const bin = join(root, "old-npm");
    mkdirSync(bin);
    writeFileSync(join(bin, "npm"), "#!/bin/sh\necho 6.14.18\n");
    chmodSync(join(bin, "npm"), 0o755);
    const run = await startBootstrap(folder, ["x"], {
        ...environment,
        PATH: `${bin}:/usr/bin:/bin`,
    });
    assert.equal(run.code, 1);
    assert.equal(
        afterFirstLine(run.stderr),
        `error: this is npm 6.14.18 (${bin}/npm); harbor-build needs 7 or newer: run \`npm install --global npm\`.\n`,
    );
});

test("reports a missing npm", async () => {
    const { folder, environment } = clone("");
    const run = await startBootstrap(folder, ["x"], { ...environment, PATH: root });
    assert.equal(
        afterFirstLine(run.stderr),
        "error: there is no npm on PATH. Install npm 7 or newer (it comes with Node.js).\n",
    );
});

test("reports a missing lock file", async () => {
    const { folder, environment } = clone("");
    rmSync(join(folder, "package-lock.json"));
    const run = await startBootstrap(folder, ["x"], environment);
    assert.equal(
        afterFirstLine(run.stderr),
        `error: ${folder}/package-lock.json cannot be read: the clone is incomplete\n`,
    );
});

/** What follows the line that says how long a first start takes. */
function afterFirstLine(output: string): string {
    assert.match(output, /^toolchain: Node\.js and the packages take about a minute\. .*\n/);
    return output.slice(output.indexOf("\n") + 1);
}
