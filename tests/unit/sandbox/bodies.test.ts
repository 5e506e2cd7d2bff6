import assert from "node:assert/strict";
import { test } from "node:test";
import {
    boolean,
    int64,
    list,
    map,
    oneOf,
    readBody,
    string,
    struct,
} from "../../../tools/sandbox/harbor/core/goJson";

const shape = struct("ProjectReq", {
    project_name: string({ maxLength: 5 }),
    public: boolean,
    storage_limit: int64,
    kind: oneOf("a", "b"),
    metadata: struct("ProjectMetadata", { public: string() }),
    hard: map(int64),
    permissions: list(struct("RobotPermission", { kind: string() })),
});
const messageOf = (text: string): string => {
    try {
        readBody(text, "project", shape);
    } catch (error) {
        return String((error as Error).message).replace("validation failure list:\n", "");
    }
    return "no fault";
};

test("drops unknown fields and treats nulls as missing", () => {
    assert.deepEqual(readBody('{"project_name":"x","nope":1,"public":null}', "project", shape), {
        project_name: "x",
    });
});

test("rejects a value of the wrong type in the words of Go's decoder", () => {
    const start = 'parsing project body from "" failed, because ';
    const cases: [string, string][] = [
        [
            '{"storage_limit":"10"}',
            "json: cannot unmarshal string into Go struct field ProjectReq.storage_limit of type int64",
        ],
        [
            '{"storage_limit":30.5}',
            "json: cannot unmarshal number 30.5 into Go struct field ProjectReq.storage_limit of type int64",
        ],
        [
            '{"metadata":{"public":true}}',
            "json: cannot unmarshal bool into Go struct field ProjectMetadata.metadata.public of type string",
        ],
        [
            '{"hard":{"storage":"1"}}',
            "json: cannot unmarshal string into Go struct field ProjectReq.hard of type int64",
        ],
        ["{bad", "invalid character 'b' looking for beginning of object key string"],
        ['{"project_name":', "unexpected end of JSON input"],
    ];
    for (const [body, reason] of cases) {
        assert.equal(messageOf(body), start + reason);
    }
});

test("rejects a value that breaks a limit with Harbor's doubled heading", () => {
    assert.equal(
        messageOf('{"project_name":"toolong"}'),
        "validation failure list:\nproject_name in body should be at most 5 chars long",
    );
    assert.equal(
        messageOf('{"kind":"c"}'),
        "validation failure list:\nkind in body should be one of [a b]",
    );
});

test("rejects an empty body by its name", () => {
    assert.equal(messageOf(""), "project in body is required");
});
