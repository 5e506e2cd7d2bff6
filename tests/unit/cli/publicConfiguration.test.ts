import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { publicConfiguration } from "../../../src/cli/publicConfiguration";
import { encryptedPlaceholder, publicSalt } from "../../../src/cli/publicPassphrase";

const secure = { secure: encryptedPlaceholder };

test("replaces secrets in texts, lists and maps, and the secrets provider", () => {
    const given = `
secretsprovider: awskms://alias/pulumi
encryptedkey: AQICAHh
encryptionsalt: v1:salt:v1:nonce:check
environment: [prod]
config:
  shop:plain: text
  shop:password:
    secure: v1:abc:def
  shop:nested:
    logins:
      - secure: v1:ghi:jkl
      - name: kept
        token: { secure: v1:mno:pqr }
    secure: v1:kept-because-a-second-key-makes-it-a-map
`;
    assert.deepEqual(parse(publicConfiguration("Pulumi.main.yaml", given)), {
        config: {
            "shop:plain": "text",
            "shop:password": secure,
            "shop:nested": {
                logins: [secure, { name: "kept", token: secure }],
                secure: "v1:kept-because-a-second-key-makes-it-a-map",
            },
        },
        encryptionsalt: publicSalt,
    });
});

test("makes a configuration for a stack without one", () => {
    assert.deepEqual(parse(publicConfiguration("Pulumi.main.yaml", "")), {
        encryptionsalt: publicSalt,
    });
});
