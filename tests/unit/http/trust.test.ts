import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { connect, type SecureContext } from "node:tls";
import { promisify } from "node:util";
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

function trusts(secureContext: SecureContext): Promise<boolean> {
    return new Promise((resolve) => {
        const socket = connect({ host: "127.0.0.1", port, secureContext }, () => {
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
