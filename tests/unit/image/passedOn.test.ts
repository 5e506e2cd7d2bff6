import assert from "node:assert/strict";
import { test } from "node:test";
import type { CachedImageArgs } from "../../../src/image/args";
import { passedOn } from "../../../src/image/passedOn";
import { planCachedImage } from "../../../src/image/plan";
import { writeFolder } from "../../support/tinyProject";

const ids = [
    "GIT_AUTH_TOKEN",
    "GIT_AUTH_TOKEN.git.example.com",
    "GIT_AUTH_HEADER",
    "GIT_AUTH_TOKEN.other.example.com",
    "HTTP_AUTH_TOKEN_files.example.com",
    "HTTP_AUTH_HEADER_files.example.com",
    "HTTP_AUTH_TOKEN_other.example.com",
    "unused",
];

/** The secrets and SSH agents that the image of a Dockerfile gets. */
function given(lines: readonly string[], more: Partial<CachedImageArgs> = {}) {
    const context = writeFolder({ Dockerfile: `${lines.join("\n")}\n`, "conf.txt": "" });
    const decision = planCachedImage(
        "fm",
        { project: { name: "shop" }, context, ...more },
        {
            stack: "dev",
            configUrl: "https://harbor.example.com",
            environmentUrl: undefined,
            explicitProvider: false,
        },
    );
    assert.ok("plan" in decision, JSON.stringify(decision));
    const slice = decision.plan.builds[0]?.app.slice;
    assert.ok(slice);
    const { secret, ssh } = passedOn(slice);
    return [...ids.filter(secret), ...["default", "deploy"].filter(ssh).map((id) => `ssh ${id}`)];
}

const git = ["GIT_AUTH_TOKEN", "GIT_AUTH_TOKEN.git.example.com", "GIT_AUTH_HEADER"];
const http = ["HTTP_AUTH_TOKEN_files.example.com", "HTTP_AUTH_HEADER_files.example.com"];
const everything = [...ids, "ssh default", "ssh deploy"];

test("passes on the logins of the sources that ADD fetches, and only of stages that are built", () => {
    assert.deepEqual(given(["FROM scratch", "COPY conf.txt /"]), []);
    const cases = {
        "https://git.example.com/o/r.git#v1": git,
        "git@git.example.com:o/r.git": ["GIT_AUTH_TOKEN", "GIT_AUTH_HEADER", "ssh default"],
        "ssh://git@git.example.com/o/r.git": [...git, "ssh default"],
        "https://files.example.com:8443/a.tar": http,
        "conf.txt": [],
    };
    for (const [source, expected] of Object.entries(cases)) {
        assert.deepEqual(given(["FROM scratch", `ADD ${source} /x/`]), expected, source);
        const unused = [`FROM scratch AS unused`, `ADD ${source} /x/`, "FROM scratch"];
        assert.deepEqual(given([...unused, "COPY conf.txt /"]), [], source);
    }
    const variable = ["FROM scratch", "ARG HOST=git.example.com", "ADD https://$HOST/r.git /x/"];
    assert.deepEqual(given(variable), git);
});

test("passes on every login, and no other secret, for an ADD from an unknown server", () => {
    const logins = [...ids.filter((id) => id !== "unused"), "ssh default"];
    assert.deepEqual(given(["FROM img", "ADD https://$HOST/r.git /x/"]), logins);
    assert.deepEqual(given(["FROM img", "ADD $SOURCE /x/"]), logins);
    assert.deepEqual(given(["FROM img", "COPY $SOURCE /x/"]), []);
    const mounting = "RUN --mount=type=secret,id=unused --mount=type=ssh,id=deploy make";
    assert.deepEqual(given(["FROM img", "ADD $SOURCE /x/", mounting]), everything);
});

test("passes on the logins of the server for an ADD of which only the end is unknown", () => {
    const cases = {
        "https://files.example.com/f-$V.tgz": ["GIT_AUTH_TOKEN", "GIT_AUTH_HEADER", ...http],
        "https://files.example.com/f.tgz?v=$V": http,
        "https://git.example.com/o/r.git#$V": git,
        "ssh://git@git.example.com/$V": [...git, "ssh default"],
        "git@$V:o/r.git": ["GIT_AUTH_TOKEN", "GIT_AUTH_HEADER", "ssh default"],
    };
    for (const [source, expected] of Object.entries(cases)) {
        assert.deepEqual(given(["FROM img", `ADD ${source} /x/`]), expected, source);
    }
});

test("passes on nothing for an ADD whose known beginning is that of a path", () => {
    for (const source of ["dist/$V", "./$V", "../$V", "/$V", "conf.$V", "s3://h/$V", "c:/$V"]) {
        assert.deepEqual(given(["FROM img", `ADD ${source} /x/`]), [], source);
    }
});

test("passes on the logins of named contexts that the stages read", () => {
    const namedContexts = { lib: "https://git.example.com/o/r.git", data: "ssh://git@h/d.git" };
    const copying = ["FROM scratch", "COPY --from=lib /a /a"];
    assert.deepEqual(given(copying, { namedContexts }), git);
    assert.deepEqual(given(["FROM data"], { namedContexts }), [
        "GIT_AUTH_TOKEN",
        "GIT_AUTH_HEADER",
        "ssh default",
    ]);
    assert.deepEqual(given(["FROM scratch", "COPY conf.txt /"], { namedContexts }), []);
    const file = { lib: "http://files.example.com/a" };
    assert.deepEqual(given(copying, { namedContexts: file }), http);
    const wrong = { lib: "https://git.example.com/r.git?what=1" };
    assert.deepEqual(given(copying, { namedContexts: wrong }), []);
});

test("passes on every login for a context that BuildKit fetches", () => {
    const context = "https://git.example.com/o/r.git";
    assert.deepEqual(given(["FROM scratch"], { context }), everything);
    const dockerfileInline = "FROM scratch\nCOPY a /\n";
    assert.deepEqual(given(["FROM scratch"], { context, dockerfileInline }), everything);
});
