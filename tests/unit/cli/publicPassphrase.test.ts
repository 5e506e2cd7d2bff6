import assert from "node:assert/strict";
import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import { test } from "node:test";
import {
    encryptedPlaceholder,
    publicPassphrase,
    publicSalt,
} from "../../../src/cli/publicPassphrase";
import { placeholder } from "../../../src/text/placeholder";

test("the public passphrase decrypts the salt's check and the placeholder, as Pulumi does", () => {
    const [, salt = "", ...check] = publicSalt.split(":");
    const saltBytes = Buffer.from(salt, "base64");
    const key = pbkdf2Sync(publicPassphrase, saltBytes, 1_000_000, 32, "sha256");
    const decrypt = (text: string) => {
        const [version, nonce = "", message = ""] = text.split(":");
        assert.equal(version, "v1");
        const bytes = Buffer.from(message, "base64");
        const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"));
        decipher.setAuthTag(bytes.subarray(-16));
        return decipher.update(bytes.subarray(0, -16), undefined, "utf8") + decipher.final("utf8");
    };
    assert.equal(saltBytes.length, 8);
    assert.equal(decrypt(check.join(":")), "pulumi");
    assert.equal(decrypt(encryptedPlaceholder), placeholder);
});
