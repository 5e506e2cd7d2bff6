import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { judgePluginBy } from "../../../../src/hooks/checks/pluginTrust";
import { trustFix } from "../../../../src/http/trust";
import { ensureCertificates } from "../../../../tools/sandbox/certificates";

let folder: string;
let caFile: string;
let server: Server;
let host: string;
let requests = 0;

before(async () => {
    folder = await mkdtemp(join(tmpdir(), "hb-plugin-"));
    const made = await ensureCertificates(folder);
    caFile = made.caFile;
    const cert = await readFile(made.certificateFile, "utf8");
    server = createServer({ cert, key: await readFile(made.keyFile, "utf8") }, (_, response) => {
        response.writeHead(401).end();
    });
    server.on("connection", () => {
        requests += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    host = `127.0.0.1:${address.port}`;
});
after(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
});

const platform: NodeJS.Platform = "linux";
const judge = (env: NodeJS.ProcessEnv, verifyTls = true) =>
    judgePluginBy({ url: `https://${host}`, env, verifyTls, platform })([`${host}/shop/fm:1`]);

const withoutVerification =
    "To push without verification instead, set BUILDKIT_NO_CLIENT_TOKEN=true where you run pulumi, and insecure = true for this registry in the builder's buildkitd.toml.";
const fix = `${trustFix("that authority's certificate")}.`;

test("does not count an authority in NODE_EXTRA_CA_CERTS for the plugin", async () => {
    assert.equal(
        await judge({ NODE_EXTRA_CA_CERTS: caFile }),
        `SSL_CERT_FILE: docker-build's plugin does not trust https://${host}: its certificate comes from an unknown certificate authority. The plugin reads SSL_CERT_FILE and the machine's CAs, not NODE_EXTRA_CA_CERTS. ${fix} ${withoutVerification}`,
    );
});

test("does not apply harbor:insecure to the plugin", async () => {
    assert.equal(
        await judge({}, false),
        `harbor:insecure: docker-build's plugin does not trust https://${host}: its certificate comes from an unknown certificate authority. harbor:insecure (HARBOR_IGNORE_CERT) applies to the Harbor provider, not to this plugin. ${fix} ${withoutVerification}`,
    );
});

test("accepts an authority in SSL_CERT_FILE or in a folder of SSL_CERT_DIR", async () => {
    assert.equal(await judge({ SSL_CERT_FILE: caFile }), undefined);
    assert.equal(await judge({ SSL_CERT_FILE: caFile }, false), undefined);
    assert.equal(await judge({ SSL_CERT_DIR: `/nowhere:${folder}` }), undefined);
});

test("requires no trust of a plugin that leaves tokens to the builder", async () => {
    assert.equal(await judge({ BUILDKIT_NO_CLIENT_TOKEN: "true" }, false), undefined);
    assert.notEqual(await judge({ BUILDKIT_NO_CLIENT_TOKEN: "false" }, false), undefined);
});

test("requires a plugin that trusts the registry for the index of several platforms", async () => {
    const env = { BUILDKIT_NO_CLIENT_TOKEN: "true" };
    const options = { url: `https://${host}`, env, verifyTls: false, pushesIndex: true, platform };
    assert.equal(
        await judgePluginBy(options)([`${host}/shop/fm:1`]),
        `harbor:insecure: docker-build's plugin does not trust https://${host}: its certificate comes from an unknown certificate authority. harbor:insecure (HARBOR_IGNORE_CERT) applies to the Harbor provider, not to this plugin. The plugin itself pushes the index of several platforms. ${fix}`,
    );
});

test("stops no build where it does not know what the plugin trusts", async () => {
    requests = 0;
    for (const other of ["win32", "darwin", "freebsd"] as const) {
        const judgePlugin = judgePluginBy({ url: `https://${host}`, env: {}, platform: other });
        assert.equal(await judgePlugin([`${host}/shop/fm:1`]), undefined, other);
    }
    assert.equal(requests, 0);
});

test("asks a registry once, and ignores plain HTTP and a missing answer", async () => {
    const reference = `${host}/shop/fm:1`;
    const judgePlugin = judgePluginBy({ url: `https://${host}`, env: {}, platform });
    requests = 0;
    const reasons = await Promise.all([
        judgePlugin([reference]),
        judgePlugin([reference, reference]),
    ]);
    assert.equal(reasons[0], reasons[1]);
    assert.notEqual(reasons[0], undefined);
    assert.equal(requests, 1);
    const plain = judgePluginBy({ url: `http://${host}`, env: {}, platform });
    assert.equal(await plain([reference]), undefined);
    assert.equal(requests, 1);
    assert.equal(await judgePluginBy({ env: {}, platform })(["127.0.0.1:9/shop/fm:1"]), undefined);
});
