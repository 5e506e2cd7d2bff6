import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { newLanes } from "../../../tools/toolchain/lanes";
import { isStatic } from "../../../tools/toolchain/pieces/debian";
import { engine } from "../../../tools/toolchain/pieces/engine";
import { caBundle } from "../../../tools/toolchain/pieces/machine";
import {
    buildkit,
    dockerBuild,
    languageHosts,
    yamlHost,
} from "../../../tools/toolchain/pieces/programs";
import { installPlugins } from "../../../tools/toolchain/pulumiHome";
import { temporaryFolder } from "./temporary";

const root = temporaryFolder();
const environment = { ...process.env };
let count = 0;

afterEach(() => {
    process.env = { ...environment };
});

/** Makes a folder of programs that each print a text, and sets PATH to this folder alone. */
function machineWith(programs: Record<string, string>): string {
    count += 1;
    const bin = join(root, `bin-${count}`);
    mkdirSync(bin);
    for (const [name, text] of Object.entries(programs)) {
        writeFileSync(join(bin, name), `#!/bin/sh\necho '${text}'\n`, { mode: 0o755 });
    }
    process.env["PATH"] = bin;
    return bin;
}

test("uses the machine's Pulumi when it is new enough and has its language host", async () => {
    const bin = machineWith({ pulumi: "v3.300.1", "pulumi-language-nodejs": "" });
    assert.deepEqual(await engine.findOnMachine?.(), {
        version: "3.300.1",
        tools: { pulumi: join(bin, "pulumi"), nodejsHostDir: bin },
    });
    machineWith({ pulumi: "v3.300.1" });
    assert.equal(await engine.findOnMachine?.(), undefined);
    machineWith({ pulumi: "v3.258.9", "pulumi-language-nodejs": "" });
    assert.equal(await engine.findOnMachine?.(), undefined);
    machineWith({});
    assert.equal(await engine.findOnMachine?.(), undefined);
});

test("prefers the given Pulumi release and the language hosts in its folder", async () => {
    const release = machineWith({
        pulumi: "v3.300.1",
        "pulumi-language-nodejs": "",
        "pulumi-language-yaml": "",
        "pulumi-language-go": "",
    });
    assert.equal(await yamlHost.findOnMachine?.(), undefined);
    machineWith({ pulumi: "v3.301.0", "pulumi-language-nodejs": "" });
    process.env["HARBOR_BUILD_ENGINE"] = release;
    assert.deepEqual(await engine.findOnMachine?.(), {
        version: "3.300.1",
        tools: { pulumi: join(release, "pulumi"), nodejsHostDir: release },
    });
    assert.deepEqual(await yamlHost.findOnMachine?.(), {
        version: "3.300.1",
        tools: { yamlHost: join(release, "pulumi-language-yaml") },
    });
    assert.equal(await languageHosts.findOnMachine?.(), undefined, "no pulumi-language-python");
});

test("rejects a given Pulumi release that is too old or has no language host", async () => {
    const machines: readonly Record<string, string>[] = [
        { pulumi: "v3.300.1" },
        { pulumi: "v3.258.9", "pulumi-language-nodejs": "" },
    ];
    for (const programs of machines) {
        const folder = machineWith(programs);
        process.env["HARBOR_BUILD_ENGINE"] = folder;
        await assert.rejects(async () => engine.findOnMachine?.(), {
            name: "ToolchainError",
            message: `HARBOR_BUILD_ENGINE: "${folder}" has no Pulumi ${engine.version} or newer with pulumi-language-nodejs in the same folder. Expected the folder of an unpacked Pulumi release`,
        });
    }
});

test("uses the machine's BuildKit when it is new enough and has its client", async () => {
    const version = "buildkitd github.com/moby/buildkit v0.32.0 abcdef";
    const bin = machineWith({ buildkitd: version, buildctl: "" });
    assert.deepEqual(await buildkit.findOnMachine?.(), {
        version: "0.32.0",
        tools: { buildkitd: join(bin, "buildkitd"), buildctl: join(bin, "buildctl") },
    });
    machineWith({ buildkitd: version });
    assert.equal(await buildkit.findOnMachine?.(), undefined);
    machineWith({ buildkitd: "buildkitd github.com/moby/buildkit v0.20.0 abc", buildctl: "" });
    assert.equal(await buildkit.findOnMachine?.(), undefined);
});

test("uses a docker-build plugin in the user's Pulumi home, but not a link to the cache", async () => {
    const plugin = "resource-docker-build-v0.0.22/pulumi-resource-docker-build";
    const own = join(root, "own-home", "plugins");
    mkdirSync(join(own, "resource-docker-build-v0.0.22"), { recursive: true });
    writeFileSync(join(own, plugin), "plugin");
    process.env["PULUMI_HOME"] = join(root, "own-home");
    assert.deepEqual(await dockerBuild.findOnMachine?.(), {
        version: "0.0.22",
        tools: { pulumiPlugins: own },
    });

    process.env["HARBOR_BUILD_CACHE"] = join(root, "cache");
    const cached = join(root, "cache", "toolchain", "docker-build-0");
    mkdirSync(join(cached, "resource-docker-build-v0.0.22"), { recursive: true });
    writeFileSync(join(cached, plugin), "cached plugin");
    process.env["PULUMI_HOME"] = join(root, "linked-home");
    await installPlugins({ pulumiPlugins: cached }, join(root, "linked-home"));
    await installPlugins({ pulumiPlugins: cached }, join(root, "linked-home"));
    const linked = join(root, "linked-home", "plugins", plugin);
    assert.equal(readFileSync(linked, "utf8"), "cached plugin");
    assert.equal(await dockerBuild.findOnMachine?.(), undefined);
});

test("uses the machine's certificate authorities, whatever SSL_CERT_FILE names", async () => {
    delete process.env["SSL_CERT_FILE"];
    const found = await caBundle.findOnMachine?.();
    const file = join(root, "own-ca.pem");
    writeFileSync(file, "pem");
    process.env["SSL_CERT_FILE"] = file;
    assert.deepEqual(await caBundle.findOnMachine?.(), found);
});

test("uses the certificate authorities of Node.js when the machine has none", async () => {
    const folder = join(root, "ca");
    mkdirSync(folder);
    const { signal } = new AbortController();
    const folderOf = async () => folder;
    const phase = () => {};
    await caBundle.build({ folder, log: "", signal, lanes: newLanes(1), folderOf, phase });
    const pem = readFileSync(join(folder, "ca.pem"), "utf8");
    assert.match(pem, /^-----BEGIN CERTIFICATE-----\n/);
    assert.ok(pem.split("-----END CERTIFICATE-----").length > 50);
});

/** Writes the head of an ELF64 executable with program headers of the given types. */
function elf(types: readonly number[]): string {
    const head = Buffer.alloc(64 + 56 * types.length);
    head.write("\x7fELF\x02\x01", "latin1");
    head.writeBigUInt64LE(64n, 32);
    head.writeUInt16LE(56, 54);
    head.writeUInt16LE(types.length, 56);
    types.forEach((type, index) => {
        head.writeUInt32LE(type, 64 + 56 * index);
    });
    const path = join(root, `elf-${types.join("-")}`);
    writeFileSync(path, head);
    chmodSync(path, 0o755);
    return path;
}

test("recognizes a static executable by its missing dynamic loader", async () => {
    assert.equal(await isStatic(elf([1, 1, 4])), true);
    assert.equal(await isStatic(elf([6, 3, 1])), false);
    writeFileSync(join(root, "script"), "#!/bin/sh\n");
    assert.equal(await isStatic(join(root, "script")), false);
});
