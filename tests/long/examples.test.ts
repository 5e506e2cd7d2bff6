import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { freePort } from "../../tools/sandbox/ports";
import { startEmptyBuildkit } from "../../tools/sandbox/sandbox";
import { atEnd } from "../support/atEnd";
import { writeBuilders } from "../support/builders";
import { startEitherScheme } from "../support/eitherScheme";
import { type Example, openExample } from "../support/example";
import { readManifest } from "../support/image";
import { pushInterpreters } from "../support/interpreters";
import { openLab } from "../support/lab";
import { needingHttps } from "../support/needs";
import { pull } from "../support/registry";

const lab = openLab();

/** Images that a preview would build, by name. */
async function builds({ project }: Example): Promise<string[]> {
    const text = await project.succeed("pulumi", "preview", "--json");
    // Pulumi's own shape of a preview.
    const { steps } = JSON.parse(text) as { steps: { op: string; urn: string }[] };
    return steps
        .filter(({ op, urn }) => op !== "same" && urn.includes("docker-build:index:Image::"))
        .map(({ urn }) => urn.slice(urn.lastIndexOf("::") + 2))
        .sort();
}

async function append({ project }: Example, file: string, text: string): Promise<void> {
    const path = join(project.folder, file);
    await writeFile(path, `${await readFile(path, "utf8")}${text}`);
}

test("monorepo builds six services, and a changed service alone", async (context) => {
    const missing = await pushInterpreters(lab);
    if (missing !== undefined) {
        context.skip(missing);
        return;
    }
    const example = await openExample("monorepo");
    await example.runReadme();
    const images = JSON.parse(
        await example.project.succeed("pulumi", "stack", "output", "images", "--json"),
    ) as Record<string, string>;
    assert.deepEqual(Object.keys(images).sort(), [
        ..."billing docs gateway reports stock worker".split(" "),
    ]);
    for (const [name, image] of Object.entries(images)) {
        assert.match(image, new RegExp(`/example-monorepo/${name}:src-[0-9a-f]{32}@sha256:`));
    }
    assert.deepEqual(await builds(example), []);
    await append(example, "go/cmd/billing/main.go", "\n// changed\n");
    assert.deepEqual(await builds(example), ["billing-app", "billing-stage-build"]);
    await append(example, "go/internal/greeting/greeting.go", "\n// changed\n");
    assert.deepEqual(
        await builds(example),
        ["billing", "gateway", "stock"].flatMap((name) => [`${name}-app`, `${name}-stage-build`]),
    );
});

needingHttps("Index")("platforms builds each platform on its own BuildKit", async () => {
    const arm = await startEmptyBuildkit(lab.sandboxOptions, "arm64");
    atEnd(() => arm.stop());
    const environment = await writeBuilders({
        both: [
            { endpoint: lab.buildkitAddress, platform: "amd64" },
            { endpoint: arm.address, platform: "arm64" },
        ],
    });
    // On a loopback host docker-build's Index pushes by plain HTTP, on any other by https.
    const registry = await startEitherScheme(lab.admin.url);
    const example = await openExample("platforms", {
        ...environment,
        HARBOR_URL: `https://${registry.host}`,
    });
    await example.runReadme();
    const answer = await pull(lab.admin, "example-platforms/hello", "manifests/1.0.0");
    // An OCI image index.
    const { manifests } = JSON.parse(answer.body.toString("utf8")) as {
        manifests: { platform: { architecture: string } }[];
    };
    assert.deepEqual(
        manifests.map(({ platform }) => platform.architecture),
        ["amd64", "arm64"],
    );
});

test("automation builds an image on request, and removes it", async () => {
    const example = await openExample("automation");
    const port = await freePort();
    const token = "token-of-the-test-4711";
    const server = example.project.start(["npx", "ts-node", "server.ts"], {
        PORT: String(port),
        IMAGES_TOKEN: token,
        PULUMI_STACK: "",
    });
    atEnd(() => server.stop());
    await server.prints("listening on");
    const url = `http://127.0.0.1:${port}/images/site`;
    const ask = async (method: string, query = "") => {
        const headers = { authorization: `Bearer ${token}` };
        const response = await fetch(`${url}${query}`, { method, headers });
        return { status: response.status, text: await response.text() };
    };
    assert.equal((await fetch(url, { method: "PUT" })).status, 401);
    const first = await ask("PUT", "?tag=1.0.0");
    const host = new URL(lab.admin.url).host;
    const { digest } = await readManifest(lab.admin, "example-automation-site/site", "1.0.0");
    assert.deepEqual(first, {
        status: 200,
        text: `${host}/example-automation-site/site:1.0.0@${digest}\n`,
    });
    assert.deepEqual(await ask("PUT", "?tag=1.0.0"), first);
    assert.equal((await ask("DELETE")).status, 204);
    assert.equal(
        (await pull(lab.admin, "example-automation-site/site", "manifests/1.0.0")).status,
        401,
    );
});
