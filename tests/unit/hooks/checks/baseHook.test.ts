import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import {
    type BaseCheck,
    type BaseHookOptions,
    baseHook,
    readBases,
} from "../../../../src/hooks/checks/baseHook";
import type { ImageConfig } from "../../../../src/registry/imageConfig";
import { mockRun } from "../../../support/mocks";
import { startTinyRegistry, type TinyRegistry } from "../../registry/tinyRegistry";

let registry: TinyRegistry;
let options: BaseHookOptions;

/** Begins a run of a program: mocks of its own identify it. */
const beginRun = () => mockRun();

before(async () => {
    registry = await startTinyRegistry({
        projects: { open: "public", shop: "private" },
        accounts: { ci: { password: "S3cret", rights: { shop: ["pull"] } } },
    });
    options = { url: registry.url, env: { DOCKER_CONFIG: "/nonexistent" } };
    for (const repository of ["open/base", "shop/base"]) {
        const config = { config: { OnBuild: ["COPY . /app"] } };
        const digest = registry.blob(repository, JSON.stringify(config));
        registry.manifest(repository, "1", { schemaVersion: 2, config: { digest } });
    }
});
after(() => registry.close());
beforeEach(beginRun);

const config: ImageConfig = { env: {}, triggers: ["COPY . /app"] };
const baseOf = (place: string, more = {}) => {
    const reference = `${registry.host}/${place}`;
    return { reference, asked: reference, platform: undefined, ...more };
};
const check = (...bases: BaseCheck["bases"]): BaseCheck => ({
    bases,
    judge: () => undefined,
    isStrict: false,
});
const login = (password: unknown) => ({
    registries: [{ address: registry.host, username: "ci", password }],
});

test("reads the configuration of each base once in a run, with the login of the image", async () => {
    const open = baseOf("open/base:1");
    const shop = baseOf("shop/base:1");
    const from = registry.requests.length;
    for (let image = 0; image < 3; image++) {
        const { known, unread } = await readBases(check(open, shop), login("S3cret"), options);
        assert.deepEqual(
            known,
            new Map([
                [open.reference, config],
                [shop.reference, config],
            ]),
        );
        assert.deepEqual(unread, []);
    }
    const asked = registry.requests.slice(from);
    assert.equal(asked.filter((line) => line.includes("/blobs/")).length, 2);
    // Each: without a token, for a token, the manifest, the configuration.
    assert.equal(asked.length, 8);
    await beginRun();
    await readBases(check(open), login("S3cret"), options);
    assert.equal(registry.requests.length, from + 12);
});

test("requests the bases of the next images with those of the first", async () => {
    const [open, shop] = [baseOf("open/base:1"), baseOf("shop/base:1")];
    const inputs = login("S3cret");
    const from = registry.requests.length;
    const first = await readBases({ ...check(open), next: [open, shop] }, inputs, options);
    assert.deepEqual([...first.known.keys()], [open.reference]);
    const second = await readBases(check(shop), inputs, options);
    assert.deepEqual([...second.known.keys()], [shop.reference]);
    assert.equal(registry.requests.length, from + 8);
});

test("reports bases that cannot be read, with what to do", async () => {
    const mirrored = baseOf("shop/base:1", { reference: "base:1" });
    const nowhere = { ...baseOf(""), reference: "127.0.0.1:9/a:1", asked: "127.0.0.1:9/a:1" };
    const { known, unread } = await readBases(check(mirrored, nowhere), {}, options);
    assert.equal(known.size, 0);
    const help =
        "If it has triggers that read files, use slicing: SlicePolicy.Whole. If its registry has a " +
        "mirror that this machine reaches, name the mirror in baseImageMirrors.";
    assert.deepEqual(
        unread.map(({ message }) => message),
        [
            `cannot check the base image base:1 (requested as ${mirrored.asked}) for ONBUILD triggers: no login is given for ${registry.host}, and shop/base is not public. ${help}`,
            `cannot check the base image 127.0.0.1:9/a:1 for ONBUILD triggers: 127.0.0.1:9 cannot be reached (ECONNREFUSED). ${help}`,
        ],
    );
});

test("leaves alone what BuildKit reports itself and what only the deployment can ask", async () => {
    const gone = await readBases(check(baseOf("open/base:gone")), {}, options);
    assert.deepEqual([gone.known.size, gone.unread], [0, []]);
    const from = registry.requests.length;
    const shop = check(baseOf("shop/base:1"));
    for (const inputs of [login(pulumi.unknown), { registries: pulumi.unknown }]) {
        const tags = [`${registry.host}/shop/fm:1`];
        const early = await readBases(shop, { ...inputs, tags }, options);
        assert.deepEqual([early.known.size, early.unread], [0, []]);
        assert.equal(registry.requests.length, from);
    }
    // Another registry has nothing to do with that account.
    const elsewhere = { registries: pulumi.unknown, tags: ["harbor.example.com/shop/fm:1"] };
    const open = await readBases(check(baseOf("open/base:1")), elsewhere, options);
    assert.equal(open.known.size, 1);
});

test("stops a build that triggers would make wrong, and with pinning an unchecked one", async () => {
    const hook = (found: BaseCheck) => baseHook({ ...options, findBases: () => found });
    const call = async (found: BaseCheck) => {
        const urn = "urn:pulumi:dev::test::docker-build:index:Image::fm-app";
        await hook(found)({ urn, id: "", name: "fm-app", type: "", newInputs: {} });
    };
    const judge: BaseCheck["judge"] = (known) => {
        assert.deepEqual([...known.values()], [config]);
        return "no";
    };
    await assert.rejects(call({ ...check(baseOf("open/base:1")), judge }), { message: "no" });
    const secret = check(baseOf("shop/base:1"));
    await call(secret);
    await call({ ...check(baseOf("open/base:1")), isStrict: true });
    await assert.rejects(
        call({ ...secret, isStrict: true }),
        /^Error: cannot check the base image .*shop\/base:1 for ONBUILD triggers: no login/,
    );
    await call({ ...check(), judge: () => "never asked" });
});
