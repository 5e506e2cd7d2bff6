import assert from "node:assert/strict";
import { test } from "node:test";
import { sharedBuilderNote } from "../../../src/hooks/sharedBuilder";
import { writeFolder } from "../../support/tinyProject";

const noteOf = (Driver: string) => {
    const instance = JSON.stringify({ Name: "ci", Driver, Nodes: [{ Endpoint: "tcp://b:1" }] });
    return sharedBuilderNote([undefined], {
        BUILDX_CONFIG: writeFolder({ "instances/ci": instance }),
    });
};

test("names a builder that other machines may use, and its risk", () => {
    assert.equal(noteOf("docker-container"), undefined);
    assert.equal(
        noteOf("remote"),
        'the builder "ci" (driver remote) may be shared: this build can change what others build on it, without writing to a registry. Give builds of pull requests a builder of their own.',
    );
    assert.match(
        noteOf("kubernetes") ?? "",
        /^the builder "ci" \(driver kubernetes\) may be shared/,
    );
});

test("looks at the builders that the arguments name instead of the selected one", () => {
    const instance = (Name: string, Driver: string) =>
        JSON.stringify({ Name, Driver, Nodes: [{ Endpoint: "tcp://b:1" }] });
    const BUILDX_CONFIG = writeFolder({
        "instances/own": instance("own", "docker-container"),
        "instances/team": instance("team", "remote"),
        current: JSON.stringify({ Name: "team" }),
    });
    assert.equal(sharedBuilderNote(["own"], { BUILDX_CONFIG }), undefined);
    for (const given of [["team"], ["own", "team"], ["own", undefined]]) {
        assert.match(sharedBuilderNote(given, { BUILDX_CONFIG }) ?? "", /^the builder "team" /);
    }
});
