import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { rootCertificates } from "node:tls";
import { givenAuthorities } from "../../../tools/commands/trust";

const folder = mkdtempSync(join(tmpdir(), "hb-authorities-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const pem = join(folder, "ca.pem");
writeFileSync(pem, rootCertificates[0] ?? "");
const other = join(folder, "other.pem");
writeFileSync(other, rootCertificates[1] ?? "");

test("reads the authorities of SSL_CERT_FILE and NODE_EXTRA_CA_CERTS", () => {
    const files = (environment: NodeJS.ProcessEnv) => givenAuthorities(environment).files;
    assert.deepEqual(files({}), []);
    assert.deepEqual(files({ SSL_CERT_FILE: pem }), [pem]);
    assert.deepEqual(files({ NODE_EXTRA_CA_CERTS: pem }), [pem]);
    assert.deepEqual(files({ SSL_CERT_FILE: pem, NODE_EXTRA_CA_CERTS: pem }), [pem]);
    assert.deepEqual(files({ SSL_CERT_FILE: pem, NODE_EXTRA_CA_CERTS: other }), [pem, other]);
    assert.deepEqual(files({ SSL_CERT_FILE: "", NODE_EXTRA_CA_CERTS: "" }), []);
});

test("reports every unusable file with its variable", () => {
    const der = join(folder, "ca.der");
    writeFileSync(der, Buffer.from([0x30, 0x82, 0x01]));
    const { faults } = givenAuthorities({
        SSL_CERT_FILE: "/nowhere/ca.pem",
        NODE_EXTRA_CA_CERTS: der,
    });
    const expected =
        "Expected a PEM file with the certificates of authorities to trust. Correct the path, or unset the variable";
    assert.deepEqual(faults, [
        `SSL_CERT_FILE: "/nowhere/ca.pem" cannot be read (ENOENT). ${expected}`,
        `NODE_EXTRA_CA_CERTS: "${der}" contains no certificate. ${expected}`,
    ]);
});
