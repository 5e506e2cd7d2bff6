import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { readImageInputs } from "../../../src/hooks/imageInputs";
import { placeholder } from "../../../src/text/placeholder";

test("takes a login, but not one whose password is a placeholder", async () => {
    const { login } = await readImageInputs({
        registries: [
            { address: "a.example.com", username: "robot$push", password: pulumi.secret("Secret") },
            {
                address: "b.example.com",
                username: "robot$push",
                password: pulumi.secret(placeholder),
            },
        ],
    });
    assert.deepEqual(login("a.example.com"), { username: "robot$push", password: "Secret" });
    assert.equal(login("b.example.com"), undefined);
});
