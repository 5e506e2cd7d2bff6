import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { accepts, freePort, isFree, requirePort } from "../../../tools/sandbox/ports";

test("reports what to do about an occupied port instead of changing the port", async () => {
    const port = await freePort();
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    try {
        const places = { dataDir: "/data" };
        await assert.rejects(requirePort("harbor", port, places, false), (error) => {
            const message = (error as Error).message;
            assert.match(message, new RegExp(`^port ${port} on 127\\.0\\.0\\.1 belongs to`));
            assert.match(message, new RegExp(`ss -ltnp sport = :${port}`));
            assert.match(message, /delete \/data$/);
            return true;
        });
        await requirePort("harbor", port, places, true);
        assert.equal(await accepts({ port }), true);
    } finally {
        server.close();
    }
});

test("finds free ports below Linux's range for outgoing connections", async () => {
    const port = await freePort();
    assert.ok(port >= 20_000 && port < 32_000);
    assert.equal(await isFree(port), true);
    assert.equal(await accepts({ port }), false);
});
