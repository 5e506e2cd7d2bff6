import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, mock, test } from "node:test";
import { takeDown } from "../../../tools/commands/down";
import { heldHarbor, holdHarbor } from "../../../tools/commands/harbor";
import { stackFile } from "../../../tools/commands/stack";
import { openWorkspace, type Workspace } from "../../../tools/commands/workspace";

const given = {
    url: "https://harbor.example.com",
    username: "admin",
    password: "Given-passw0rd",
    ignoreCertificate: false,
};
const account = { HARBOR_USERNAME: given.username, HARBOR_PASSWORD: given.password };
const resources = [
    { type: "harbor:index/project:Project", id: "/projects/7", outputs: { name: "shop" } },
];

afterEach(() => mock.restoreAll());

/** A workspace whose stack is on `given`. */
async function workspaceUp(): Promise<Workspace> {
    const workspace = await openWorkspace({}, mkdtempSync(join(tmpdir(), "hb-down-")));
    const file = stackFile(workspace) ?? "";
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify({ version: 3, checkpoint: { latest: { resources } } }));
    await holdHarbor(workspace, given);
    return workspace;
}

async function run(
    workspace: Workspace,
    options: { readonly environment: NodeJS.ProcessEnv; readonly forget?: true },
): Promise<{ code: number; lines: string[] }> {
    const printed = mock.method(console, "error", () => {});
    const code = await takeDown(workspace, options);
    return {
        code,
        lines: printed.mock.calls.flatMap(({ arguments: [text] }) => String(text).split("\n")),
    };
}

const left = [
    "left in Harbor https://harbor.example.com and in this clone's stack:",
    '  project "shop" (/projects/7)',
    "Fix what the error above names, then run npm run down again. To delete the stack here and leave these in Harbor: npm run down -- --forget",
];

test("destroys nothing without the stack's Harbor, and lists what is left", async () => {
    const workspace = await workspaceUp();
    for (const [environment, named] of [
        [{}, "no Harbor"],
        [{ HARBOR_URL: "https://other", ...account }, "https://other"],
    ] as const) {
        assert.deepEqual(await run(workspace, { environment }), {
            code: 1,
            lines: [
                `error: this clone's stack is on https://harbor.example.com, and the environment names ${named}. Fix: set HARBOR_URL=https://harbor.example.com, with HARBOR_USERNAME and HARBOR_PASSWORD. To use another Harbor, first run npm run down`,
                ...left,
            ],
        });
    }
    assert.equal(await heldHarbor(workspace), given.url);
});

test("builds no toolchain on a machine without one, and names what is missing", async () => {
    const before = { ...process.env };
    process.env["HARBOR_BUILD_CACHE"] = mkdtempSync(join(tmpdir(), "hb-cache-"));
    process.env["PULUMI_HOME"] = mkdtempSync(join(tmpdir(), "hb-home-"));
    process.env["PATH"] = "/nowhere";
    const environment = { HARBOR_URL: given.url, ...account };
    const { code, lines } = await run(await workspaceUp(), { environment });
    process.env = before;
    assert.equal(code, 1);
    assert.match(
        lines[0] ?? "",
        /^error: not on this machine: Pulumi.*, BuildKit.*\. This command does not build tools; npm start does$/,
    );
    assert.deepEqual(lines.slice(1), left);
});

test("deletes the stack with --forget, leaves Harbor alone and lists what stays there", async () => {
    const workspace = await workspaceUp();
    assert.deepEqual(await run(workspace, { environment: {}, forget: true }), {
        code: 0,
        lines: ["no longer managed, and still in Harbor:", '  project "shop" (/projects/7)'],
    });
    assert.equal(existsSync(stackFile(workspace) ?? ""), false);
    assert.equal(await heldHarbor(workspace), undefined);
    assert.deepEqual(await run(workspace, { environment: {} }), { code: 0, lines: [] });
});
