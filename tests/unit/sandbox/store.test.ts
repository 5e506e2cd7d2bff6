import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Store } from "../../../tools/sandbox/harbor/core/store";

const setting = (id: string, value: unknown): { id: string; value: unknown } => ({ id, value });

function inFolder(work: (folder: string) => void): void {
    const folder = mkdtempSync(join(tmpdir(), "store-"));
    try {
        work(folder);
    } finally {
        rmSync(folder, { recursive: true, force: true });
    }
}

test("keeps what was written after the process is killed", () => {
    inFolder((folder) => {
        const module = join(__dirname, "../../../tools/sandbox/harbor/core/store");
        const script = `
            const { Store } = require(${JSON.stringify(module)});
            const store = new Store(${JSON.stringify(folder)});
            store.of("settings").put({ id: "kept", value: 1 });
            store.transaction(() => {
                store.of("settings").put({ id: "half", value: 2 });
                process.kill(process.pid, "SIGKILL");
            });`;
        const child = spawnSync(process.execPath, ["--import", "tsx", "-e", script]);
        assert.equal(child.signal, "SIGKILL", child.stderr.toString());
        const store = new Store(folder);
        assert.deepEqual(store.of("settings").values(), [setting("kept", 1)]);
        store.close();
    });
});

test("leaves no trace of a failed change in memory or on disk", () => {
    inFolder((folder) => {
        const store = new Store(folder);
        store.of("settings").put(setting("a", 1));
        store.of("settings").put(setting("b", 1));
        assert.throws(() =>
            store.transaction(() => {
                store.of("settings").update("a", { value: 2 });
                store.of("settings").remove("b");
                store.of("settings").put(setting("c", 1));
                throw new Error("no");
            }),
        );
        const expected = [setting("a", 1), setting("b", 1)];
        const sorted = (one: Store): unknown =>
            one
                .of("settings")
                .values()
                .sort((x, y) => x.id.localeCompare(y.id));
        assert.deepEqual(sorted(store), expected);
        store.close();
        const again = new Store(folder);
        assert.deepEqual(sorted(again), expected);
        again.close();
    });
});

test("never assigns a number twice, even after its owner is deleted", () => {
    inFolder((folder) => {
        const first = new Store(folder);
        assert.deepEqual([first.nextId("projects"), first.nextId("projects")], [1, 2]);
        first.close();
        const second = new Store(folder);
        assert.equal(second.nextId("projects"), 3);
        second.close();
    });
});

test("rejects a second server on the same folder", () => {
    inFolder((folder) => {
        const store = new Store(folder);
        assert.throws(() => new Store(folder), /locked/);
        store.close();
    });
});
