import assert from "node:assert/strict";
import { manifestsIn, readContents } from "../support/harborContents";
import { openLab, uniqueName } from "../support/lab";
import { isOverHttps, needingHttps } from "../support/needs";
import { askApi } from "../support/registry";
import { succeeded } from "../support/run";
import { sharedStack } from "../support/sharedStack";
import { type Run, TestStack } from "../support/stack";
import { tinyFiles, writeFolder } from "../support/tinyProject";

const project = uniqueName("lost");

/** A program with one component; `opts` are its resource options, as source text. */
const program = (name: string, args = "", opts = "{}") => `
import * as pulumi from "@pulumi/pulumi";
import { CachedImage } from "harbor-build";

class Team extends pulumi.ComponentResource {
    constructor(name: string) {
        super("test:index:Team", name);
    }
}
new CachedImage("${name}", {
    project: { name: ${JSON.stringify(project)} },
    context: "tiny",
    image: "tiny",
    credentials: {
        username: process.env["PUSH_USER"] ?? "",
        password: process.env["PUSH_PASSWORD"] ?? "",
    },
    ${args}
}, ${opts});
`;

const lab = openLab();
const stack = sharedStack(lab, program("tiny"), {
    files: writeFolder(tinyFiles),
    environment: { PUSH_USER: lab.admin.username, PUSH_PASSWORD: lab.admin.password },
    up: isOverHttps(lab),
});

const overHttps = needingHttps("delete");

/** Runs an operation and checks that Harbor still has every earlier manifest. */
async function losesNothing(action: () => Promise<Run>): Promise<Run> {
    const before = manifestsIn(await readContents(lab.admin, project));
    assert.ok(before.length >= 2, "there is something to lose");
    const run = await action();
    const now = manifestsIn(await readContents(lab.admin, project));
    assert.deepEqual(
        before.filter((manifest) => !now.includes(manifest)),
        [],
        run.output,
    );
    return run;
}

/** The operations on images. */
const onImages = ({ operations }: Run) =>
    Object.fromEntries(Object.entries(operations).filter(([name]) => /app|stage/.test(name)));

overHttps("keeps everything when a component moves below a parent with an alias", async () => {
    const opts = '{ parent: new Team("team"), aliases: [{ parent: pulumi.rootStackResource }] }';
    await stack.program(program("tiny", "", opts));
    const run = succeeded(await losesNothing(() => stack.up()));
    assert.deepEqual(onImages(run), { "tiny-stage-build": "same", "tiny-app": "same" });
});

overHttps(
    "keeps everything when a component is renamed with an alias while its image keeps its name",
    async () => {
        const opts = '{ parent: new Team("team"), aliases: [{ name: "tiny" }] }';
        await stack.program(program("renamed", "", opts));
        const run = succeeded(await losesNothing(() => stack.up()));
        assert.deepEqual(onImages(run), { "renamed-stage-build": "same", "renamed-app": "same" });
    },
);

overHttps(
    "pushes again and deletes no image when a component is renamed without an alias",
    async () => {
        const { json } = await askApi(lab.admin, `/projects/${project}`);
        const id = (json as { project_id: number }).project_id;
        await stack.program(
            program("other").replace(
                `name: "${project}"`,
                `name: "${project}", import: "/projects/${id}"`,
            ),
        );
        const run = succeeded(await losesNothing(() => stack.up()));
        assert.deepEqual(onImages(run), {
            "other-stage-build": "create",
            "other-app": "create",
            "renamed-stage-build": "delete",
            "renamed-app": "delete",
        });
        await stack.program(program("other"));
    },
);

overHttps("loses nothing in a refresh with wrong credentials", async () => {
    const undo = stack.setEnvironment({ PUSH_PASSWORD: "expired" });
    await losesNothing(() => stack.refresh());
    undo();
    succeeded(await losesNothing(() => stack.up()));
});

overHttps("deploys a stack again over existing resources after its state is lost", async () => {
    const { json } = await askApi(lab.admin, `/projects/${project}`);
    const id = (json as { project_id: number }).project_id;
    await stack.forget();
    await stack.program(
        program("other").replace(
            `name: "${project}"`,
            `name: "${project}", import: "/projects/${id}"`,
        ),
    );
    succeeded(await losesNothing(() => stack.up()));
    await stack.program(program("other"));
});

overHttps("leaves the images that another stack shares when a stack is destroyed", async () => {
    const guest = await TestStack.create(
        lab,
        program("guest").replace(`name: "${project}"`, `name: "${project}", existing: true`),
        {
            files: writeFolder(tinyFiles),
            stack: "guest",
            environment: { PUSH_USER: lab.admin.username, PUSH_PASSWORD: lab.admin.password },
        },
    );
    succeeded(await losesNothing(() => guest.up()));
    succeeded(await losesNothing(() => guest.destroy()));
});

overHttps(
    "leaves the images and the project of a component that is removed from the program",
    async () => {
        await stack.program("export {};\n");
        const run = succeeded(await losesNothing(() => stack.up()));
        assert.deepEqual(run.operations, {
            other: "delete",
            "other-app": "delete",
            "other-project": "delete",
            "other-stage-build": "delete",
        });
    },
);

overHttps("deletes the images of its project only when the stack asks for it", async () => {
    const { json } = await askApi(lab.admin, `/projects/${project}`);
    const id = (json as { project_id: number }).project_id;
    await stack.program(
        program("tiny", "retainImages: false,").replace(
            `name: "${project}"`,
            `name: "${project}", import: "/projects/${id}"`,
        ),
    );
    succeeded(await losesNothing(() => stack.up()));
    // An import takes over what Harbor knows; what is asked of it beyond that takes another run.
    await stack.program(program("tiny", "retainImages: false,"));
    succeeded(await losesNothing(() => stack.up()));
    succeeded(await stack.destroy());
    assert.equal(await readContents(lab.admin, project), undefined);
});
