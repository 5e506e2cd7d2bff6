import assert from "node:assert/strict";
import { test } from "node:test";
import { sensitivePaths, sensitiveWarning } from "../../../src/slice/sensitive";

const file = (path: string) => ({ path, kind: "file" as const });

test("finds repositories, logins, variables and private keys, and names a folder once", () => {
    const paths = [
        ".git/HEAD",
        ".git/objects/pack/a.pem",
        "vendor/lib/.git",
        ".npmrc",
        "packages/a/.npmrc",
        ".env",
        "app/.env.production",
        "ssh/id_rsa",
        "ssh/id_ed25519_work",
        "tls/server.pem",
    ];
    assert.deepEqual(sensitivePaths(paths.map(file)), [
        ".env",
        ".git",
        ".npmrc",
        "app/.env.production",
        "packages/a/.npmrc",
        "ssh/id_ed25519_work",
        "ssh/id_rsa",
        "tls/server.pem",
        "vendor/lib/.git",
    ]);
});

test("accepts public keys, examples, other names and a folder of variables", () => {
    const paths = [
        "id_rsa.pub",
        ".env.example",
        ".env.sample",
        ".envrc",
        "identity.ts",
        "id_map.c",
        ".gitignore",
        "pem",
    ];
    assert.deepEqual(sensitivePaths(paths.map(file)), []);
    assert.deepEqual(sensitivePaths([{ path: ".env", kind: "directory" }]), []);
});

test("warns with at most five paths", () => {
    assert.equal(sensitiveWarning([]), undefined);
    const text = (list: string) =>
        `the build reads files that often hold secrets (${list}). Images and caches keep what a stage reads, and everyone who may pull them can read it. Fix: add the files to .dockerignore, or pass secrets with RUN --mount=type=secret.`;
    assert.equal(sensitiveWarning([".env"]), text(".env"));
    const many = ["a", "b", "c", "d", "e", "f", "g"].map((name) => `${name}.pem`);
    assert.equal(sensitiveWarning(many), text(`${many.slice(0, 5).join(", ")}, and 2 more`));
});
