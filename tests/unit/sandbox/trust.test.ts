import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { rootCertificates } from "node:tls";
import { placesOf } from "../../../tools/sandbox/places";
import { certificatesOf, writeTrust } from "../../../tools/sandbox/trust";

const folder = mkdtempSync(join(tmpdir(), "hb-trust-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const [first = "", second = "", third = ""] = rootCertificates;

function file(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
}

/** What both bundles contain. */
function bundles(given: readonly string[], own?: string): { builds: string; clients: string } {
    const machine = file("machine.pem", `# the machine's\n${first}\n`);
    const made = writeTrust(placesOf(folder), { machine, given, own });
    const read = (path: string) => readFileSync(path, "utf8");
    return { builds: read(made.forBuilds), clients: read(made.forClients) };
}

test("gives builds the machine's authorities and the given ones, and clients the sandbox's in addition", () => {
    const { builds, clients } = bundles([file("given.pem", second)], file("own.pem", third));
    assert.equal(builds, `# the machine's\n${first}\n${second}\n`);
    assert.equal(clients, `# the machine's\n${first}\n${second}\n${third}\n`);
});

test("lists an authority once that is given twice or that the machine has", () => {
    const windows = file("windows.pem", `# exported\r\n${first.replaceAll("\n", "\r\n")}\r\n`);
    const given = [windows, file("one.pem", second), file("two.pem", `${second}\n${second}`)];
    assert.deepEqual(certificatesOf(bundles(given).builds), [first, second]);
});

test("keeps the bundle, and so the digests of base images, for authorities that add nothing", () => {
    const { builds, clients } = bundles([file("same.pem", first)]);
    assert.equal(builds, `# the machine's\n${first}\n`);
    assert.equal(clients, builds);
});
