import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { locate } from "../../../src/registry/location";
import { attachReferrer } from "../../../src/registry/referrers";
import { Registries } from "../../../src/registry/registries";
import { startTinyRegistry, type TinyRegistry } from "./tinyRegistry";

const login = { username: "ci", password: "x" };
let registry: TinyRegistry;
before(async () => {
    const account = { password: login.password, rights: { shop: ["pull", "push"] } };
    registry = await startTinyRegistry({
        projects: { shop: "private" },
        accounts: { [login.username]: account },
    });
});
after(() => registry.close());

test("lists artifacts under the tag of their image when the registry lists no referrers", async () => {
    const subject = registry.manifest("shop/fm", "1", { schemaVersion: 2 });
    const registries = new Registries(() => login, { url: registry.url });
    const attach = (content: string) =>
        registries.ask(locate(`${registry.host}/shop/fm:1`), (session) =>
            attachReferrer(session, "shop/fm", subject, {
                type: "application/x.note",
                content,
                annotations: { kind: "note" },
            }),
        );
    const digests = [await attach("one"), await attach("two")];
    registries.close();
    const index = registry.read("shop/fm", `manifests/${subject.replace(":", "-")}`) ?? "";
    const { manifests } = JSON.parse(index);
    assert.deepEqual(
        manifests.map((one: Record<string, unknown>) => [one["digest"], one["artifactType"]]),
        digests.map((digest) => [digest, "application/x.note"]),
    );
    const manifest = JSON.parse(registry.read("shop/fm", `manifests/${digests[0]}`) ?? "");
    assert.deepEqual([manifest.subject.digest, manifest.subject.size], [subject, 19]);
    assert.equal(registry.read("shop/fm", `blobs/${manifest.layers[0].digest}`), "one");
});
