import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { faultOf, startTestHarbor, type TestHarbor } from "./testHarbor";

let harbor: TestHarbor;
const instances = "/p2p/preheat/instances";

before(async () => {
    harbor = await startTestHarbor();
});
after(() => harbor.close());

const instance = (name: string, more: object = {}) => ({
    name,
    vendor: "dragonfly",
    endpoint: `http://${name}`,
    auth_mode: "NONE",
    enabled: true,
    ...more,
});

test("shows an instance without its credentials", async () => {
    const given = instance("p2p", { auth_mode: "OAUTH", auth_info: { token: "t" } });
    const made = await harbor.api("POST", instances, given);
    assert.equal(made.headers.get("location"), "/api/v2.0/p2p/preheat/instances/p2p");
    const { setup_timestamp, ...rest } = (await harbor.api("GET", `${instances}/p2p`))
        .json as Record<string, unknown>;
    assert.ok(Math.abs(Number(setup_timestamp) - Date.now() / 1000) < 60);
    assert.deepEqual(rest, {
        auth_mode: "OAUTH",
        default: false,
        enabled: true,
        endpoint: "http://p2p",
        id: 1,
        insecure: false,
        name: "p2p",
        status: "Unknown",
        vendor: "dragonfly",
    });
});

test("rejects duplicate names and addresses, and updates by the number in the body", async () => {
    const named = await harbor.api("POST", instances, instance("p2p", { endpoint: "http://y" }));
    assert.deepEqual([named.status, faultOf(named).message], [409, "instance p2p already exists"]);
    const placed = await harbor.api("POST", instances, instance("z", { endpoint: "http://p2p" }));
    assert.equal(placed.status, 500);
    const path = `${instances}/p2p`;
    const lost = await harbor.api("PUT", path, instance("p2p"));
    assert.deepEqual([lost.status, faultOf(lost).message], [404, "instance 0 not found"]);
    const changed = instance("p2p", { id: 1, description: "d" });
    assert.equal((await harbor.api("PUT", path, changed)).status, 200);
    const vendor = { ...changed, vendor: "kraken" };
    assert.equal((await harbor.api("PUT", path, vendor)).status, 500);
    const { json } = await harbor.api("GET", path);
    assert.equal((json as { description: string }).description, "d");
});

test("keeps one default instance, and reports no health", async () => {
    await harbor.api("POST", instances, instance("second"));
    await harbor.api("PUT", `${instances}/p2p`, instance("p2p", { id: 1, default: true }));
    await harbor.api("PUT", `${instances}/second`, instance("second", { id: 2, default: true }));
    const list = (await harbor.api("GET", instances)).json as { name: string; default: boolean }[];
    assert.deepEqual(
        list.map((one) => [one.name, one.default]),
        [
            ["p2p", false],
            ["second", true],
        ],
    );
    assert.equal((await harbor.api("POST", `${instances}/ping`, instance("p2p"))).status, 501);
    assert.equal((await harbor.api("DELETE", `${instances}/p2p`)).status, 200);
    assert.equal((await harbor.api("DELETE", `${instances}/p2p`)).status, 404);
});
