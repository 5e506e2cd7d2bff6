import assert from "node:assert/strict";
import { appendFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { before, test } from "node:test";
import { ensureTools } from "../../tools/toolchain/tools";
import { openLab, uniqueName } from "../support/lab";
import { changesOf, succeeded } from "../support/run";
import { TestStack } from "../support/stack";
import { tinyFiles, writeFolder } from "../support/tinyProject";

const lab = openLab();
const project = uniqueName("yaml");
let stack: TestStack;

/** A YAML program; `more` are further arguments of the image. JSON is YAML. */
function write(more: object = {}): void {
    const plugin = (name: string, folder: string) => ({ name, path: `../../../../dist/${folder}` });
    const program = {
        name: "test",
        runtime: "yaml",
        plugins: { providers: [plugin("harbor", "plugin"), plugin("harbor-build", "languages")] },
        resources: {
            shop: {
                type: "harbor-build:ImageProject",
                properties: { name: project, retainImages: false },
            },
            tiny: {
                type: "harbor-build:CachedImage",
                properties: {
                    project: { name: project, existing: true },
                    credentials: {
                        username: "$" + "{shop.pushCredentials.username}",
                        password: "$" + "{shop.pushCredentials.password}",
                    },
                    context: "tiny",
                    tags: ["1.0.0"],
                    ...more,
                },
                options: { dependsOn: ["$" + "{shop}"] },
            },
        },
        outputs: { image: "$" + "{tiny.ref}", pullSecret: "$" + "{shop.pullSecret}" },
    };
    writeFileSync(join(stack.folder, "Pulumi.yaml"), JSON.stringify(program));
}

before(async () => {
    const { yamlHost } = await ensureTools(["yamlHost"]);
    stack = TestStack.prepare(lab, "", {
        files: writeFolder({ ...tinyFiles, "tiny/shared.txt": project }),
        environment: {
            PATH: [dirname(yamlHost), lab.environment["PATH"]].join(delimiter),
        },
    });
    write();
    await stack.init();
});

test("a YAML program declares a project and an image, builds it, and then changes nothing", async () => {
    assert.equal(succeeded(await stack.preview()).operations["tiny-app"], "create");
    const up = succeeded(await stack.up());
    assert.equal(up.operations["tiny-app"], "create");
    const { image, pullSecret } = await stack.outputs();
    assert.match(String(image), new RegExp(`/${project}/tiny:1\\.0\\.0@sha256:[0-9a-f]{64}$`));
    assert.match(String(pullSecret), /"auths"/);
    assert.ok(!(await stack.state()).includes("auths"), "the pull secret is encrypted");
    assert.deepEqual(changesOf(succeeded(await stack.up())), {});
});

test("a change that only the final stage reads updates only the app image", async () => {
    appendFileSync(join(stack.folder, "tiny", "conf.txt"), "changed\n");
    assert.deepEqual(changesOf(succeeded(await stack.up())), { "tiny-app": "update" });
});

test("an invalid argument has the message that a TypeScript program gets", async () => {
    write({ target: "biuld" });
    const preview = await stack.preview();
    assert.notEqual(preview.code, 0);
    const message =
        /CachedImage "tiny": an argument is invalid\.\s+target: no stage named "biuld" in tiny\/Dockerfile; stages are "build"; did you mean "build"\?/;
    assert.match(preview.output, message);
    write({ tagz: ["1"] });
    const misspelt = await stack.preview();
    assert.match(
        misspelt.output,
        /Property tagz does not exist on 'harbor-build:index:CachedImage'/,
    );
    write();
    succeeded(await stack.destroy());
});
