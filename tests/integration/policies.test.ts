import assert from "node:assert/strict";
import { test } from "node:test";
import { atEnd } from "../support/atEnd";
import { useIdleScanner } from "../support/idleScanner";
import { openLab } from "../support/lab";
import { needingSystemRights } from "../support/needs";
import { asUser, cachesApart, PolicyProject, type Said } from "../support/policyProject";
import { askApi, listApi } from "../support/registry";
import { succeeded } from "../support/run";

const lab = openLab();
useIdleScanner(lab);

const scanners = "scanners";
const systemRobots = "robot accounts at system level";
const quotas = "storage quotas";

/** A project that several tests share. The first of them brings its stack up. */
function shared(
    said: (name: string) => Said,
    who: "user" | "administrator" = "administrator",
): () => Promise<PolicyProject> {
    let made: Promise<PolicyProject> | undefined;
    const make = async () => {
        const environment = who === "user" ? (await asUser(lab)).environment : {};
        const project = await PolicyProject.create(lab, said, { environment });
        succeeded(await project.stack.up());
        return project;
    };
    return () => {
        made ??= make();
        return made;
    };
}

const plain = shared(() => ({}), "user");
const preventing = shared(() => ({ project: 'deploymentSecurity: "low",' }), "user");
const apart = shared((name) => ({ project: cachesApart(name) }));

interface Case {
    readonly name: string;
    readonly project: () => Promise<PolicyProject>;
    /** What of it takes the right of a system administrator. @default nothing */
    readonly needs?: string;
    /** Builds of one `up`, each of which must find the costly step in the cache. */
    readonly builds: number;
}

const cases: readonly Case[] = [
    { name: "no policy", project: plain, builds: 2 },
    {
        name: "vulnerability prevention, as the project's administrator",
        project: preventing,
        needs: scanners,
        builds: 1,
    },
    {
        name: "vulnerability prevention, with caches in a separate project",
        project: shared((name) => ({
            project: `deploymentSecurity: "low", ${cachesApart(name)}`,
        })),
        needs: systemRobots,
        builds: 2,
    },
    {
        name: "content trust, with caches in a separate project",
        project: shared((name) => ({
            project: `enableContentTrustCosign: true, ${cachesApart(name)}`,
        })),
        needs: systemRobots,
        builds: 2,
    },
    {
        name: "content trust, as a user who may work in images' and caches' projects",
        project: shared(
            (name) => ({
                project: `enableContentTrustCosign: true, ${cachesApart(name)}
                    credentials: { push: login, read: login },`,
            }),
            "user",
        ),
        builds: 2,
    },
    {
        name: "an immutable rule ** for images, as the project's administrator",
        project: shared(() => ({ project: 'immutableTags: ["**"],' }), "user"),
        builds: 2,
    },
];

for (const { name, project, needs, builds } of cases) {
    const declare = needs === undefined ? test : needingSystemRights(needs);
    declare(`builds from another user's cache on a new runner, under ${name}`, async () => {
        const { run, costly } = await (await project()).upOnNewRunner();
        succeeded(run);
        assert.deepEqual(costly, Array(builds).fill("cached"));
    });
}
needingSystemRights(scanners)(
    "hits the cache if vulnerability prevention blocks the builder-stage image, and reports why the push fails",
    async () => {
        // The project belongs to another stack, and the program does not name its policies.
        const { name } = await preventing();
        const said = () => ({ project: "existing: true,", image: 'image: "guest",' });
        const guest = await PolicyProject.create(lab, said, { name });
        succeeded(await guest.stack.up());
        const { run, costly } = await guest.upOnNewRunner();
        assert.notEqual(run.code, 0);
        assert.deepEqual(costly, ["cached"]);
        assert.match(run.output, /cache: dev exists \(\S+\), dev__build is blocked/);
        assert.match(
            run.output,
            /cache\.backend: CacheBackend\.Registry\), which Harbor does not scan/,
        );
    },
);

test("reports content trust without a place for caches in the preview", async () => {
    const { environment } = await asUser(lab);
    const said = () => ({ project: "enableContentTrustCosign: true," });
    const project = await PolicyProject.create(lab, said, { environment });
    const preview = await project.stack.preview();
    assert.notEqual(preview.code, 0);
    assert.match(
        preview.output,
        /ImageProject "shop": an argument is invalid\.\s+cache\.project: content trust blocks every artifact/,
    );
});

test("rejects a caches' project for an administrator of one project, and names who can create it", async () => {
    const { environment } = await asUser(lab);
    const project = await PolicyProject.create(lab, (name) => ({ project: cachesApart(name) }), {
        environment,
    });
    const up = await project.stack.up();
    assert.notEqual(up.code, 0);
    assert.match(
        up.output,
        /may not create robot accounts at system level; a system administrator can/,
    );
});

/** Creates a foreign rule for a whole project; returns a function that deletes it. */
async function freezeEverything(project: string): Promise<() => Promise<void>> {
    const body = {
        action: "immutable",
        template: "immutable_template",
        tag_selectors: [{ kind: "doublestar", decoration: "matches", pattern: "**" }],
        scope_selectors: {
            repository: [{ kind: "doublestar", decoration: "repoMatches", pattern: "**" }],
        },
    };
    const path = `/projects/${project}/immutabletagrules`;
    assert.equal((await askApi(lab.admin, path, { method: "POST", body })).status, 201);
    // At the end at the latest: Harbor deletes no repository with immutable tags.
    return atEnd(async () => {
        for (const { id } of await listApi<{ id: number }>(lab.admin, path)) {
            await askApi(lab.admin, `${path}/${id}`, { method: "DELETE" });
        }
    });
}

test("reports another person's immutable rule ** over caches, which stops the second build", async () => {
    const project = await plain();
    const thaw = await freezeEverything(project.name);
    const { run } = await project.upOnNewRunner();
    await thaw();
    assert.notEqual(run.code, 0);
    assert.match(run.output, /cache:dev__build.*immutable/s);
    assert.match(run.output, /the rule must exclude the repositories "\*\*\/cache"/);
});

needingSystemRights(systemRobots)(
    "leaves caches in a separate project alone under another user's immutable rule **",
    async () => {
        const project = await apart();
        const thaw = await freezeEverything(project.name);
        const { run, costly } = await project.upOnNewRunner();
        await thaw();
        assert.equal(run.code, 0, run.output);
        assert.deepEqual(costly, ["cached", "cached"]);
    },
);

needingSystemRights(quotas)(
    "reports a full quota that stops a build, which works again after retention",
    async () => {
        const project = await plain();
        const size = 3_000_000;
        for (const _ of [1, 2]) {
            const { run } = await project.upOnNewRunner(size);
            assert.equal(run.code, 0, run.output);
        }
        await project.leaveRoom(1_000);
        const full = await project.upOnNewRunner(size);
        assert.notEqual(full.run.code, 0);
        assert.match(
            full.run.output,
            /the storage quota of the Harbor project, [\d.]+ MiB, is full/,
        );
        await project.clean();
        const { run, costly } = await project.upOnNewRunner(1_000_000);
        assert.equal(run.code, 0, run.output);
        assert.deepEqual(costly, ["cached", "cached"]);
    },
);

needingSystemRights(quotas)(
    "leaves caches in a separate project alone when the quota of images is nearly full",
    async () => {
        const project = await apart();
        await project.leaveRoom(100_000);
        const { run, costly } = await project.upOnNewRunner(1_000);
        assert.equal(run.code, 0, run.output);
        assert.deepEqual(costly, ["cached", "cached"]);
    },
);
