import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDockerfile } from "../../../src/dockerfile";
import { findFailedInstruction } from "../../../src/dockerfile/failedInstruction";

const dockerfile = parseDockerfile(
    [
        "FROM golang AS build",
        "# a comment",
        "RUN --mount=type=cache,target=/root/.cache \\",
        "    go  build \\",
        '    -ldflags="-s" ./cmd',
        'RUN ["make", "-j2", "all"]',
        "FROM alpine",
        "RUN all",
        "RUN all",
        `RUN ${"x".repeat(130)}`,
        "",
    ].join("\n"),
);

const fault = (command: string, suffix = "exit code: 2") =>
    `failed to solve: process ${JSON.stringify(command)} did not complete successfully: ${suffix}`;

test("finds a failed RUN by its command, with its first line in the whole file", () => {
    assert.equal(
        findFailedInstruction(dockerfile, fault('/bin/sh -c go  build     -ldflags="-s" ./cmd')),
        'line 3: RUN go build -ldflags="-s" ./cmd',
    );
});

test("finds a RUN in list form, also next to one that ends with its last word", () => {
    assert.equal(
        findFailedInstruction(dockerfile, fault("make -j2 all")),
        "line 6: RUN make -j2 all",
    );
});

test("reports both lines of two equal RUNs", () => {
    assert.equal(
        findFailedInstruction(dockerfile, fault("/bin/sh -c all", "exit code: 127")),
        "line 8 or 9: RUN all",
    );
});

test("shortens a long command", () => {
    assert.equal(
        findFailedInstruction(dockerfile, fault(`/bin/sh -c ${"x".repeat(130)}`)),
        `line 10: RUN ${"x".repeat(120)}…`,
    );
});

test("returns nothing for other failures and unknown commands", () => {
    assert.equal(findFailedInstruction(dockerfile, "failed to solve: invalid syntax"), undefined);
    assert.equal(findFailedInstruction(dockerfile, fault("/bin/sh -c nothing of ours")), undefined);
});

test("reports the one of two equal RUNs that is among the image's lines", () => {
    const among = new Set([7, 9]);
    assert.equal(
        findFailedInstruction(dockerfile, fault("/bin/sh -c all", "exit code: 127"), among),
        "line 9: RUN all",
    );
});

const others = parseDockerfile(
    [
        "ARG VERSION=9.9",
        `FROM --platform=foo/bar/baz/qux golang:\${VERSION} AS build`,
        "COPY --from=alpine:9.9 /etc /out",
        "COPY --from=build out/$VERSION/app /app",
        'COPY --from=build ["/a b", "/x/"]',
        "COPY --from=build /usr/share/*.txt /texts/",
        "COPY conf.txt /app/conf/",
        "ADD https://example.com/a.tar /a",
        "ADD https://example.com/r.git#main /r",
        "RUN --mount=type=secret,id=token,required=true \\",
        "    --mount=type=ssh,id=deploy \\",
        "    --mount=from=build,source=/tools,target=/t make",
        "EXPOSE 80 $PORT/tcp web",
        "STOPSIGNAL SIGNOPE",
        "COPY --from=build $VERSION /anything/",
        "RUN cat /tools /out/9.9/app",
        "",
    ].join("\n"),
);

// Messages of BuildKit 0.31.1, ids shortened.
const checksum =
    "failed to solve: failed to compute cache key: failed to calculate checksum of ref s::w";
const cases: Readonly<Record<string, string | undefined>> = {
    "failed to solve: alpine:9.9: failed to resolve source metadata for docker.io/library/alpine:9.9: docker.io/library/alpine:9.9: not found":
        "line 3: COPY --from=alpine:9.9 /etc /out",
    "failed to solve: golang:9.9: failed to resolve source metadata for docker.io/library/golang:9.9: not found": `line 2: FROM --platform=foo/bar/baz/qux golang:\${VERSION} AS build`,
    [`${checksum}: "/out/9.9/app": not found`]: "line 4: COPY --from=build out/$VERSION/app /app",
    [`${checksum}: "/tools": not found`]: "line 10: RUN make",
    [`${checksum}: "/elsewhere": not found`]: undefined,
    "failed to solve: lstat /usr/share: no such file or directory":
        "line 6: COPY --from=build /usr/share/*.txt /texts/",
    "failed to solve: lstat /app/conf: not a directory": "line 7: COPY conf.txt /app/conf/",
    'failed to solve: failed to load cache key: Get "https://example.com/a.tar": dial tcp: lookup example.com: no such host':
        "line 8: ADD https://example.com/a.tar /a",
    "failed to solve: failed to load cache key: failed to fetch remote https://example.com/r.git: git stderr:\nfatal":
        "line 9: ADD https://example.com/r.git#main /r",
    'failed to solve: failed to push h/p/fm:1: failed to do request: Head "https://h/v2/": EOF':
        undefined,
    "failed to solve: secret token: not found": "line 10: RUN make",
    "failed to solve: unset ssh forward key deploy": "line 10: RUN make",
    "failed to solve: invalid containerPort: web": "line 13: EXPOSE 80 $PORT/tcp web",
    "failed to solve: invalid signal: SIGNOPE": "line 14: STOPSIGNAL SIGNOPE",
    'failed to solve: failed to parse platform foo/bar/baz/qux: "foo/bar/baz/qux": cannot parse platform specifier: invalid argument': `line 2: FROM --platform=foo/bar/baz/qux golang:\${VERSION} AS build`,
};

for (const [error, place] of Object.entries(cases)) {
    test(`"${error}" is ${place ?? "of no known instruction"}`, () => {
        assert.equal(findFailedInstruction(others, error), place);
    });
}
