import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { KeyObject, webcrypto } from "node:crypto";
import files from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { connect, rootCertificates, type SecureContext } from "node:tls";
import { promisify } from "node:util";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { Trust, trustFix, trustingContext } from "../../../src/http/trust";
import { ensureCertificates } from "../../../tools/sandbox/certificates";

let folder: string;
let caFile: string;
let server: Server;
let port: number;

before(async () => {
    folder = await mkdtemp(join(tmpdir(), "hb-trust-"));
    const made = await ensureCertificates(folder);
    caFile = made.caFile;
    const cert = await readFile(made.certificateFile, "utf8");
    server = createServer({ cert, key: await readFile(made.keyFile, "utf8") });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    port = address.port;
});
after(async () => {
    server.close();
    await rm(folder, { recursive: true, force: true });
});

function trusts(secureContext: SecureContext, at = port): Promise<boolean> {
    return new Promise((resolve) => {
        const socket = connect({ host: "127.0.0.1", port: at, secureContext }, () => {
            socket.destroy();
            resolve(true);
        });
        socket.on("error", () => resolve(false));
    });
}

for (const platform of ["linux", "win32", "darwin"] as const) {
    test(`${platform}: trusts the authorities of the variables`, async () => {
        const { NodeAndGo } = Trust;
        assert.equal(await trusts(trustingContext(NodeAndGo, {}, platform)), false);
        for (const variable of ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"]) {
            const context = trustingContext(NodeAndGo, { [variable]: caFile }, platform);
            assert.equal(await trusts(context), true, variable);
        }
    });
}

for (const [platform, expected] of [
    ["linux", "false"],
    ["win32", "true"],
    ["darwin", "true"],
] as const) {
    test(`${platform}: ${expected === "true" ? "trusts" : "does not ask"} the system's store`, async () => {
        // On this machine, SSL_CERT_FILE names the store that Node.js reads as the system's.
        const program = `
            const { Trust, trustingContext } = require("./src/http/trust");
            const { connect } = require("node:tls");
            const secureContext = trustingContext(Trust.NodeAndGo, {}, "${platform}");
            const socket = connect({ host: "127.0.0.1", port: ${port}, secureContext }, () => {
                console.log(true);
                socket.destroy();
            });
            socket.on("error", () => console.log(false));
        `;
        const { stdout } = await promisify(execFile)(
            process.execPath,
            ["--import", "tsx", "-e", program],
            {
                cwd: join(__dirname, "..", "..", ".."),
                env: { PATH: process.env["PATH"], SSL_CERT_FILE: caFile },
            },
        );
        assert.equal(stdout.trim(), expected);
    });
}

test("advises what both Node.js and the docker-build plugin read", () => {
    const store =
        "Fix: add its certificate to the system's trusted root certificates where you run pulumi";
    const file = "Fix: set SSL_CERT_FILE to a PEM file with its certificate where you run pulumi";
    assert.equal(trustFix("its certificate", "win32"), store);
    assert.equal(trustFix("its certificate", "darwin"), store);
    assert.equal(trustFix("its certificate", "linux"), file);
    assert.equal(trustFix("its certificate", "freebsd"), file);
});

test("Go programs trust SSL_CERT_FILE and the folders of SSL_CERT_DIR, and nothing of Node.js", async () => {
    const store = join(folder, "store");
    await mkdir(join(store, "folder"), { recursive: true });
    await writeFile(join(store, "other.pem"), "no certificate");
    await writeFile(join(store, "two.pem"), await readFile(caFile));
    for (const [env, expected] of [
        [{ SSL_CERT_FILE: caFile }, true],
        [{ SSL_CERT_DIR: store }, true],
        [{ SSL_CERT_DIR: `/missing:${store}` }, true],
        [{ SSL_CERT_FILE: caFile, SSL_CERT_DIR: "/missing" }, true],
        [{ SSL_CERT_DIR: "/missing" }, false],
        [{ NODE_EXTRA_CA_CERTS: caFile }, false],
    ] as const) {
        assert.equal(await trusts(trustingContext(Trust.Go, env)), expected, JSON.stringify(env));
    }
});

test("reads all certificates of a file, and names the variable of a file that cannot be read", async () => {
    const authority = await readFile(caFile, "utf8");
    const two = join(folder, "two.pem");
    // A comment between, as distributions write them.
    await writeFile(two, `${rootCertificates[0]}\n# sandbox\n${authority}`);
    for (const variable of ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"]) {
        const env = { [variable]: two };
        assert.equal(await trusts(trustingContext(Trust.NodeAndGo, env)), true, variable);
        const missing = join(folder, "missing.pem");
        assert.throws(() => trustingContext(Trust.NodeAndGo, { [variable]: missing }), {
            message: `${variable}: ${missing} cannot be read: ENOENT: no such file or directory, open '${missing}'`,
        });
    }
});

test("reads certificates once for the same trust, platform and variables", () => {
    const env = { SSL_CERT_FILE: caFile };
    const first = trustingContext(Trust.Go, env, "linux");
    assert.equal(trustingContext(Trust.Go, { ...env, HOME: "/x" }, "linux"), first);
    assert.notEqual(trustingContext(Trust.NodeAndGo, env, "linux"), first);
    assert.notEqual(trustingContext(Trust.Go, env, "win32"), first);
    for (const variable of ["SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS"]) {
        assert.notEqual(trustingContext(Trust.Go, { ...env, [variable]: caFile }, "linux"), first);
    }
});

test("uses the first system bundle that exists, unless both variables are set", async (context) => {
    const authority = await readFile(caFile, "utf8");
    let bundle: string | undefined;
    const asked: string[] = [];
    context.mock.method(files, "readFileSync", (path: string) => {
        asked.push(path);
        if (path === bundle) return authority;
        if (path === caFile) return "";
        throw new Error("no such file");
    });
    const go = (env: NodeJS.ProcessEnv) => trusts(trustingContext(Trust.Go, env));
    assert.equal(await go({ SSL_CERT_DIR: "/none" }), false);
    // The order of Go 1.26.
    const bundles = [
        "/etc/ssl/certs/ca-certificates.crt",
        "/etc/pki/tls/certs/ca-bundle.crt",
        "/etc/ssl/ca-bundle.pem",
        "/etc/pki/tls/cacert.pem",
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
        "/etc/ssl/cert.pem",
    ];
    assert.deepEqual(asked, bundles);
    for (const [count, path] of bundles.entries()) {
        bundle = path;
        asked.length = 0;
        assert.equal(await go({ SSL_CERT_DIR: `/none/${count}` }), true, path);
        assert.equal(asked.length, count + 1);
    }
    assert.equal(await go({ SSL_CERT_FILE: caFile, SSL_CERT_DIR: "/none" }), false);
    assert.equal(await go({ SSL_CERT_FILE: caFile, SSL_CERT_DIR: "" }), true);
});

test("trusts an authority that another one has signed, without that other one", async (context) => {
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const newKeys = () => webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const [root, authority, leaf] = [await newKeys(), await newKeys(), await newKeys()];
    const sign = (
        subject: string,
        issuer: string,
        key: webcrypto.CryptoKey,
        publicKey: webcrypto.CryptoKey,
        isCa: boolean,
    ) =>
        x509.X509CertificateGenerator.create({
            subject: `CN=${subject}`,
            issuer: `CN=${issuer}`,
            signingKey: key,
            publicKey,
            signingAlgorithm: algorithm,
            extensions: [
                new x509.BasicConstraintsExtension(isCa),
                new x509.SubjectAlternativeNameExtension([{ type: "ip", value: "127.0.0.1" }]),
            ],
        });
    const middle = await sign("middle", "root", root.privateKey, authority.publicKey, true);
    const own = await sign("leaf", "middle", authority.privateKey, leaf.publicKey, false);
    const key = KeyObject.from(leaf.privateKey).export({ type: "pkcs8", format: "pem" });
    const signed = createServer({ cert: own.toString("pem"), key });
    await new Promise<void>((resolve) => signed.listen(0, "127.0.0.1", resolve));
    context.after(() => signed.close());
    const bundle = join(folder, "middle.pem");
    await writeFile(bundle, middle.toString("pem"));
    const secureContext = trustingContext(Trust.Go, { SSL_CERT_FILE: bundle });
    const address = signed.address();
    assert.ok(address !== null && typeof address === "object");
    assert.equal(await trusts(secureContext, address.port), true);
});
