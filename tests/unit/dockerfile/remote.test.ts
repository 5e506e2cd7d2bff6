import assert from "node:assert/strict";
import { test } from "node:test";
import { readRemote } from "../../../src/dockerfile/remote";

const kinds = (sources: readonly string[]) => sources.map((source) => readRemote(source)?.kind);

test("fetches http and git addresses", () => {
    assert.deepEqual(kinds(["https://e.com/a", "http://e", "https://e.com/a?x"]), [
        "http",
        "http",
        "http",
    ]);
    const git = [
        "https://e.com/a.git",
        "HTTPS://e.com/a.git#b",
        "git://e",
        "ssh://e/a",
        "u@e.com:a/b",
    ];
    assert.deepEqual(kinds(git), ["git", "git", "git", "git", "git"]);
});

test("reads other schemes, hosts without a scheme and http in upper case as paths", () => {
    const paths = [
        "HTTPS://e.com/a",
        "HTTP://e",
        "file://a",
        "github.com/a/b",
        "a:b",
        "./u@e.com:a",
    ];
    assert.deepEqual(
        kinds(paths),
        paths.map(() => undefined),
    );
});

test("rejects a git address with a query that BuildKit rejects", () => {
    const messages = {
        "https://e/a.git?foo=1": 'unknown query "foo"',
        "https://e/a.git?ref=x#y": "it names several refs: y, x",
        "https://e/a.git?tag=a&branch=b": '"tag" and "branch" cannot be used together',
        "git@e:a?submodules=x": 'submodules: "x" is not a boolean; expected true or false',
        "https://e/a.git?ref=": '"ref" needs a value',
        "https://e/a.git?ref=a&ref=b": '"ref" appears twice',
        "github.com/a?x=1": 'unknown query "x"',
    };
    for (const [source, reason] of Object.entries(messages)) {
        assert.throws(() => readRemote(source), { message: `"${source}": ${reason}` });
    }
    assert.deepEqual(readRemote("git://e/a.git?checksum=ab&keep-git-dir"), {
        kind: "git",
        secrets: ["GIT_AUTH_HEADER", "GIT_AUTH_TOKEN", "GIT_AUTH_HEADER.e", "GIT_AUTH_TOKEN.e"],
        checksum: "ab",
        keepGitDir: true,
    });
});

test("names the secrets and the SSH agent with which BuildKit logs in", () => {
    const ids = (source: string) => {
        const { secrets = [], ssh } = readRemote(source) ?? {};
        return [...secrets, ...(ssh === undefined ? [] : [`ssh ${ssh}`])];
    };
    const git = ["GIT_AUTH_HEADER", "GIT_AUTH_TOKEN"];
    const atHost = (host: string) => git.map((name) => `${name}.${host}`);
    const http = (host: string) => [`HTTP_AUTH_HEADER_${host}`, `HTTP_AUTH_TOKEN_${host}`];
    assert.deepEqual(ids("https://u:p@e.com:8443/a.git#b"), [...git, ...atHost("e.com:8443")]);
    assert.deepEqual(ids("ssh://git@e.com/a"), [...git, ...atHost("e.com"), "ssh default"]);
    assert.deepEqual(ids("git@e.com:a/b"), [...git, "ssh default"]);
    assert.deepEqual(ids("https://e.com:8443/a?x"), http("e.com"));
    assert.deepEqual(ids("http://u@[::1]:80/a"), http("::1"));
});
