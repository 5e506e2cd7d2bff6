import assert from "node:assert/strict";
import { before, mock, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { mockPulumi } from "../../support/mocks";
import { writeFolder } from "../../support/tinyProject";

type Constructor = new (name: string, args?: unknown) => pulumi.ComponentResource;
let components: { readonly CachedImage: Constructor; readonly ImageProject: Constructor };
const context = writeFolder({ Dockerfile: "FROM alpine\n" });

before(async () => {
    await mockPulumi({ config: { "harbor:url": "https://harbor.example.com" } });
    // The mocks must be set before the package loads Pulumi's resources.
    components = require("../../../src/index");
});

/** The lines of the error that a JavaScript program gets. */
function refusal(component: keyof typeof components, args: unknown): readonly string[] {
    try {
        new components[component]("fm", args);
    } catch (error) {
        assert.ok(error instanceof Error);
        assert.equal(error.name, "UserError");
        return error.message.split("\n").slice(1);
    }
    return [];
}

const image = (args: object) =>
    refusal("CachedImage", { project: { name: "shop" }, context, ...args });
const project = (args: object) => refusal("ImageProject", { name: "shop", ...args });

test("reports required arguments that are missing, by path", () => {
    const missing = [
        '  project: missing. Expected an object, for example { name: "shop" }.',
        '  context: missing. Expected a string, for example "./fm".',
    ];
    assert.deepEqual(refusal("CachedImage", undefined), missing);
    assert.deepEqual(refusal("CachedImage", {}), missing);
    assert.deepEqual(image({ project: {}, credentials: {} }), [
        '  project.name: missing. Expected a string, for example "shop".',
        '  credentials.username: missing. Expected a string, for example "robot$shop+ci".',
        "  credentials.password: missing. Expected a string, for example a secret of the Pulumi configuration.",
    ]);
    assert.deepEqual(refusal("ImageProject", undefined), [
        '  name: missing. Expected a string, for example "shop".',
    ]);
});

test("reports arguments of the wrong type, by path and without their values", () => {
    assert.deepEqual(refusal("CachedImage", "shop"), ["  args: a string. Expected an object."]);
    assert.deepEqual(refusal("CachedImage", { project: "shop", context: null }), [
        '  project: a string. Expected an object, for example { name: "shop" }.',
        '  context: null. Expected a string, for example "./fm".',
    ]);
    assert.deepEqual(
        image({
            tags: "latest",
            builderStages: [1, undefined],
            buildArgs: { A: undefined, "b-c": 2 },
            secrets: ["hunter2"],
            ssh: [{ id: "default", paths: "/run/agent" }],
            namedContexts: { lib: {} },
            cache: { write: "no", sources: [{}] },
            robotDays: "30",
        }),
        [
            "  tags: a string. Expected a list.",
            "  builderStages[0]: a number. Expected a string.",
            "  builderStages[1]: missing. Expected a string.",
            "  buildArgs.A: missing. Expected a string.",
            '  buildArgs["b-c"]: a number. Expected a string.',
            "  secrets: a list. Expected an object.",
            "  ssh[0].paths: a string. Expected a list.",
            "  namedContexts.lib: an object. Expected a string.",
            "  cache.write: a string. Expected true or false.",
            "  cache.sources[0]: an object. Expected a string.",
            "  robotDays: a string. Expected a number.",
        ],
    );
    assert.deepEqual(project({ immutableTags: "v*", retention: { images: { count: "3" } } }), [
        "  immutableTags: a string. Expected a list.",
        "  retention.images.count: a string. Expected a number.",
    ]);
});

test("reports outputs and promises where every preview needs a plain value", () => {
    assert.deepEqual(
        image({
            project: { name: pulumi.output("shop") },
            tags: [Promise.resolve("1")],
            secrets: pulumi.secret({ TOKEN: "x" }),
        }),
        [
            "  project.name: known only when the program runs. Expected a string as a plain value: every preview needs it.",
            "  tags[0]: known only when the program runs. Expected a string as a plain value: every preview needs it.",
            "  secrets: known only when the program runs. Expected an object as a plain value: every preview needs it.",
        ],
    );
    assert.deepEqual(
        image({
            buildArgs: pulumi.output({ A: "1" }),
            secrets: { TOKEN: pulumi.secret("x") },
            labels: Promise.resolve({}),
            robotDays: pulumi.output(3),
        }),
        [],
    );
});

test("reports every string that is not an allowed value, with the nearest allowed value", () => {
    assert.deepEqual(
        image({
            network: "hst",
            preview: "biuld",
            baseImages: "pinned",
            cache: { backend: "regisrty" },
        }),
        [
            '  network: unknown value "hst". Expected "default", "none" or "host". Did you mean "host"?',
            '  baseImages: unknown value "pinned". Expected "float" or "pin".',
            '  cache.backend: unknown value "regisrty". Expected "inline", "registry" or "images". Did you mean "registry"?',
            '  preview: unknown value "biuld". Expected "plan" or "build". Did you mean "build"?',
        ],
    );
    assert.deepEqual(project({ deploymentSecurity: "hihg", cache: { backend: "Inline" } }), [
        '  deploymentSecurity: unknown value "hihg". Expected "none", "low", "medium", "high" or "critical". Did you mean "high"?',
        '  cache.backend: unknown value "Inline". Expected "inline", "registry" or "images". Did you mean "inline"?',
    ]);
});

test("reports unknown values together with faults of other arguments", () => {
    const paths = image({ preview: "x", target: "y" }).map((line) => line.split(":")[0]);
    assert.deepEqual(paths, ["  preview", "  target"]);
    const project = { name: "shop", cache: { backend: "x" } };
    assert.deepEqual(image({ project, tags: 1 }), [
        "  tags: a number. Expected a list.",
        '  project.cache.backend: unknown value "x". Expected "inline", "registry" or "images".',
    ]);
});

/** The warnings of a component that a JavaScript program declares. */
async function warnings(component: keyof typeof components, args: object) {
    const warn = mock.method(pulumi.log, "warn", async () => undefined);
    const { urn } = new components[component]("unknown", args);
    await new Promise((resolve) => urn.apply(resolve));
    warn.mock.restore();
    return warn.mock.calls.map(({ arguments: [message] }) => message);
}

test("warns of arguments that do not exist, and names the nearest", async () => {
    const login = { username: "ci", password: "S3cret", token: "hunter2" };
    const given = { project: { name: "shop", pulic: true }, context, tagz: ["1"], note: undefined };
    const args = { ...given, image: "unknown", credentials: login, cache: { wirte: false } };
    assert.deepEqual(await warnings("CachedImage", args), [
        'tagz: there is no such argument, and it has no effect. Did you mean "tags"?',
        'project.pulic: there is no such argument, and it has no effect. Did you mean "public"?',
        'cache.wirte: there is no such argument, and it has no effect. Did you mean "write"?',
        "credentials.token: there is no such argument, and it has no effect.",
    ]);
    const shop = { name: "unknown", cache: { project: "unknown" }, qouta: 1 };
    assert.deepEqual(await warnings("ImageProject", shop), [
        "qouta: there is no such argument, and it has no effect.",
    ]);
});

test("does not warn of an image project's project, or of members of a class", async () => {
    const shared = { name: "team", cache: { project: "team" } };
    const project: unknown = Reflect.get(new components.ImageProject("team", shared), "project");
    const own = Object.assign(Object.create({ inherited: true }), { label: "ours" });
    const args = { project, context, image: "known", buildArgs: own };
    assert.deepEqual(await warnings("CachedImage", args), []);
});

test("names unknown arguments next to those that are missing", () => {
    assert.deepEqual(refusal("CachedImage", { project: { name: "shop" }, contxt: context }), [
        '  context: missing. Expected a string, for example "./fm".',
        '  contxt: there is no such argument, and it has no effect. Did you mean "context"?',
    ]);
});
