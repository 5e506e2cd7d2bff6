import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import {
    describeRegistry,
    type Place,
    registryProgram,
    stackWithoutHarbor,
    startRegistry,
    tagsIn,
    upOn,
    writeApp,
} from "../support/anyRegistry";
import { openLab } from "../support/lab";
import { failed, succeeded } from "../support/run";
import { newRunner } from "../support/runner";

const lab = openLab();

for (const auth of ["basic", "token"] as const) {
    describeRegistry(auth, {
        declare: (name, work) => void test(name, work),
        builder: () => lab,
        renew: () => newRunner(lab),
    });
}

describe("a registry with fewer features", () => {
    let place: Place;

    before(async () => {
        place = await startRegistry("basic");
    });

    test("names cache.repository when the registry refuses names of three parts", async () => {
        const { proxy } = place;
        const stack = await stackWithoutHarbor(registryProgram(proxy.host, "", "org"), "names");
        proxy.breakNext({
            method: "POST",
            path: "/v2/org/app/cache/",
            status: 400,
            body: '{"errors":[{"code":"NAME_INVALID","message":"invalid repository name"}]}',
            times: 1000,
        });
        const { output } = failed(await stack.up());
        assert.match(output, /not accept the repository's name; not retried\. .*cache\.repository/);
        await stack.program(
            registryProgram(proxy.host, 'cache: { repository: "org/app" },', "org"),
        );
        succeeded(await stack.up());
        assert.deepEqual(await tagsIn(place, "org/app"), [
            "cache.names",
            "cache.names__build",
            "latest",
        ]);
    });

    test("names cache.backend when the registry refuses cache manifests", async () => {
        const { proxy } = place;
        const stack = await stackWithoutHarbor(
            registryProgram(proxy.host, "", "plain"),
            "manifests",
        );
        proxy.breakNext({
            method: "PUT",
            path: "/v2/plain/app/cache/manifests/manifests",
            when: ({ url = "" }) => url.endsWith("/manifests/manifests"),
            status: 400,
            body: '{"errors":[{"code":"MANIFEST_INVALID","message":"manifest invalid"}]}',
            times: 1000,
        });
        assert.match(
            succeeded(await stack.up()).output,
            /was not written: the registry refuses cache manifests\. .*cache\.backend/,
        );
        const images = 'cache: { backend: "images" },';
        await stack.program(registryProgram(proxy.host, images, "plain"));
        succeeded(await stack.up());
        await newRunner(lab);
        await writeApp(stack, "conf.txt", "conf, changed\n");
        assert.deepEqual((await upOn(lab, stack)).printed, []);
    });

    test("says that no registry is at an address that answers 404 to /v2/", async () => {
        const { proxy } = place;
        const stack = await stackWithoutHarbor(registryProgram(proxy.host, "", "gone"), "gone");
        proxy.breakNext({ method: "GET", path: "/v2/", status: 404, times: 1000 });
        const preview = succeeded(await stack.preview());
        assert.match(preview.output, /answers 404 to \/v2\/: no registry is at this address/);
    });

    test("asks for the login in one clause when the password is wrong", async () => {
        const stack = await stackWithoutHarbor(
            registryProgram(place.proxy.host, "", "login"),
            "login",
        );
        // In place of the fault of the test before.
        place.proxy.breakNext({ method: "GET", path: "/never", status: 404, times: 1 });
        stack.setEnvironment({ TEST_PASSWORD: "wrong" });
        const { output } = failed(await stack.up());
        assert.match(output, /answered 401 to HEAD .*; not retried\. Check user and secret\./);
        assert.doesNotMatch(output, /building again/);
    });
});
