import assert from "node:assert/strict";
import { test } from "node:test";
import { classifyBuildFault, reportedError } from "../../../src/explain/classify";
import { containedFault } from "../../../src/explain/containedBuilder";
import { bareRefusals, loginFaults, ownFaults, passingFaults, refusals } from "./buildErrors";

const kinds = (table: readonly (readonly [string, string])[]) =>
    table.map(([error]) => classifyBuildFault(error).kind);

for (const [error, what] of passingFaults) {
    test(`counts as temporary: ${what}`, () => {
        const fault = classifyBuildFault(error);
        assert.deepEqual([fault.kind, fault.what], ["temporary", what]);
    });
}

for (const [error, what] of [...refusals, ...bareRefusals]) {
    test(`counts as a refusal: ${what}`, () => {
        const fault = classifyBuildFault(error);
        assert.deepEqual([fault.kind, fault.what], ["refused", what]);
        assert.notEqual(fault.advice, "", "a refusal says what to do");
    });
}

for (const [error, what] of loginFaults) {
    test(`counts as a rejected login: ${what}`, () => {
        const fault = classifyBuildFault(error);
        assert.deepEqual([fault.kind, fault.what], ["unauthorized", what]);
        assert.notEqual(fault.advice, "", "a refusal says what to do");
    });
}

test("leaves faults of the Dockerfile and unknown faults to the build, regardless of its output", () => {
    assert.deepEqual(
        kinds(ownFaults),
        ownFaults.map(() => "own"),
    );
});

test("explains an instruction that was killed", () => {
    const fault = classifyBuildFault(
        'failed to solve: process "/bin/sh -c go build" did not complete successfully: exit code: 137',
    );
    assert.equal(fault.what, "an instruction of the Dockerfile ended with exit code 137");
    assert.equal(
        fault.advice,
        "Exit code 137 means that the process was killed, usually because the builder ran out of memory.",
    );
});

test("explains a temporary fault in the report, and leaves other errors as they are", () => {
    assert.equal(
        reportedError("context deadline exceeded"),
        'the builder is not reachable. Check that the BuildKit instance that the log names in `building with "…" instance` is running. Start it, or name a different builder.\ncontext deadline exceeded',
    );
    for (const [error] of [...refusals, ...ownFaults]) {
        assert.equal(reportedError(error), error);
    }
});

test("reports a refusal that comes with a temporary fault", () => {
    const fault = classifyBuildFault(
        "failed to push h/p/a:1: unexpected EOF\ndenied: adding 1.0 MiB of storage resource, which when updated to current usage of 9.0 MiB will exceed the configured upper limit of 9.0 MiB.",
    );
    assert.equal(fault.kind, "refused");
});

test("keeps the query of an upload out of the report", () => {
    for (const [error] of [...passingFaults, ...refusals, ...loginFaults]) {
        const { what, advice } = classifyBuildFault(error);
        assert.doesNotMatch(what + advice, /_state|secret-state/);
    }
});

test("names the setting for TLS when a loopback registry answers 400 to plain HTTP", () => {
    const to = (request: string) =>
        classifyBuildFault(`failed to solve: unexpected status from ${request}: 400 Bad Request`)
            .advice;
    const setting =
        /^If the registry expects TLS: .*\[registry\."HOST"\] with http = false and ca = \["FILE"\]\. If the registry is Harbor/;
    for (const host of ["127.0.0.1:8443", "localhost:8443", "[::1]:8443"]) {
        assert.match(to(`HEAD request to http://${host}/v2/shop/fm/manifests/1`), setting);
    }
    for (const other of ["POST request to http://127.0.0.1:5000", "HEAD request to http://h:80"]) {
        assert.match(to(`${other}/v2/shop/fm/blobs/uploads/`), /^If the registry is Harbor/);
    }
});

test("blames a restart only on a builder that is known to be in a container", () => {
    const error = "failed to solve: Unavailable: error reading from server: EOF";
    const place = (driver: string) => ({ driver, options: {} });
    assert.equal(containedFault(error, []), undefined);
    assert.equal(containedFault(error, [place("remote")]), undefined);
    assert.equal(containedFault(error, ["docker-container", "remote"].map(place)), undefined);
    assert.match(
        containedFault(error, [place("docker-container")])?.what ?? "",
        /^the builder restarted/,
    );
});
