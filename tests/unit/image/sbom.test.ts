import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import { readSbom, sbomFaults } from "../../../src/image/sbom";
import { writeFolder } from "../../support/tinyProject";

const texts = {
    "spdx.json": '{"spdxVersion":"SPDX-2.3","name":"fm"}',
    "bom.json": '{"bomFormat":"CycloneDX","specVersion":"1.6"}',
    "other.json": '{"packages":[]}',
    "bom.xml": "<bom/>",
};
const folder = writeFolder(texts);
const args = { project: { name: "shop" }, context: "fm", sign: { key: "k" } };

test("recognises SPDX and CycloneDX, with the digest of the document", () => {
    const types = {
        "spdx.json": "https://spdx.dev/Document",
        "bom.json": "https://cyclonedx.org/bom",
    };
    for (const [name, predicateType] of Object.entries(types)) {
        const file = join(folder, name);
        const text = texts[name as keyof typeof types];
        const predicateDigest = `sha256:${createHash("sha256").update(text).digest("hex")}`;
        const predicate = JSON.parse(text);
        assert.deepEqual(readSbom(file), { predicateType, predicateDigest, predicate });
    }
});

test("rejects a missing file, another format, and an SBOM without a key", () => {
    const faultsOf = (name: string, sign: typeof args.sign | undefined = args.sign) =>
        sbomFaults(join(folder, name), { name: "fm", args: { ...args, sign } }).map(
            ({ path, message }) => `${path}: ${message.replaceAll(`${folder}/`, "")}`,
        );
    const expected =
        'Expected the path of a JSON file in the format SPDX or CycloneDX, such as "sbom.spdx.json"';
    assert.deepEqual(faultsOf("other.json"), [
        `sbom: "other.json" is neither SPDX nor CycloneDX. ${expected}`,
    ]);
    assert.match(faultsOf("bom.xml")[0] ?? "", /^sbom: "bom\.xml" cannot be read \(.*JSON/);
    assert.match(
        faultsOf("missing.json")[0] ?? "",
        /^sbom: "missing\.json" cannot be read \(ENOENT/,
    );
    assert.deepEqual(
        sbomFaults(join(folder, "bom.json"), {
            name: "fm",
            args: { ...args, sign: undefined as never },
        }),
        [{ path: "sbom", message: "needs a key to sign the SBOM. Fix: set sign.key" }],
    );
});
