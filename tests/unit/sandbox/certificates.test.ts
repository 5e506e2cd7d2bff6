import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type Certificates, ensureCertificates } from "../../../tools/sandbox/certificates";
import { startTestHarbor } from "./testHarbor";

let folder: string;
let made: Certificates;
before(async () => {
    folder = mkdtempSync(join(tmpdir(), "certificates-"));
    made = await ensureCertificates(folder);
});
after(() => rmSync(folder, { recursive: true, force: true }));

const read = (path: string): string => readFileSync(path, "utf8");

test("are trusted only by clients that know the authority", async () => {
    const tls = { certificate: read(made.certificateFile), key: read(made.keyFile) };
    const harbor = await startTestHarbor({ tls });
    const ping = (ca?: string): Promise<number> =>
        new Promise((resolve, reject) => {
            const options = ca === undefined ? {} : { ca };
            const sent = request(`${harbor.url}/api/v2.0/ping`, options, (answer) => {
                answer.resume();
                resolve(answer.statusCode ?? 0);
            });
            sent.on("error", reject);
            sent.end();
        });
    try {
        assert.equal(await ping(read(made.caFile)), 200);
        await assert.rejects(ping(), /unable to verify|self-signed/);
    } finally {
        await harbor.close();
    }
});

test("are created once for the loopback names, with keys that only their owner can read", async () => {
    const before = read(made.certificateFile);
    await ensureCertificates(folder);
    assert.equal(read(made.certificateFile), before);
    const { subjectAltName } = new X509Certificate(before);
    assert.equal(subjectAltName, "IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:localhost");
    assert.equal(statSync(made.keyFile).mode & 0o777, 0o600);
});

test("are created again under the same authority after the server certificate is lost", async () => {
    const authority = read(made.caFile);
    rmSync(made.certificateFile);
    await ensureCertificates(folder);
    assert.equal(read(made.caFile), authority);
    const server = new X509Certificate(read(made.certificateFile));
    assert.equal(server.verify(new X509Certificate(authority).publicKey), true);
});
