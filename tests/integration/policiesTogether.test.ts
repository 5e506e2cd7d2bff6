import assert from "node:assert/strict";
import { useIdleScanner } from "../support/idleScanner";
import { openLab } from "../support/lab";
import { needingSystemRights } from "../support/needs";
import { asUser, cachesApart, PolicyProject, type Said } from "../support/policyProject";

const lab = openLab();
useIdleScanner(lab);

const asAdministrator = needingSystemRights("scanners and storage quotas");

interface Case {
    readonly name: string;
    readonly said: (name: string) => Said;
    /** Who deploys: a user without system rights, or the administrator. */
    readonly user?: boolean;
    /** Builds of one `up`, each of which must find the costly step in the cache. */
    readonly builds: number;
}

/** Everything that can stand in a cache's way, but for the room. */
const everything =
    'deploymentSecurity: "critical", enableContentTrust: true, enableContentTrustCosign: true, immutableTags: ["**"],';

const crowded: readonly Case[] = [
    {
        name: "every policy at once, as the system's administrator",
        said: (name) => ({ project: `${everything} ${cachesApart(name)}` }),
        builds: 2,
    },
    {
        name: "every policy at once, as a user who may work in images' and caches' projects",
        said: (name) => ({
            project: `${everything} ${cachesApart(name)} credentials: { push: login, read: login },`,
        }),
        user: true,
        builds: 2,
    },
    {
        name: "every policy that allows caches next to images, as the project's administrator",
        said: () => ({ project: 'deploymentSecurity: "critical", immutableTags: ["**"],' }),
        user: true,
        builds: 1,
    },
];

for (const { name, said, user, builds } of crowded) {
    asAdministrator(
        `builds from the cache on a new runner until the quota is full, under ${name}`,
        async () => {
            const environment = user ? (await asUser(lab)).environment : {};
            const project = await PolicyProject.create(lab, said, { environment });
            const first = await project.stack.up();
            assert.equal(first.code, 0, first.output);
            const projects =
                builds === 1 ? [project.name] : [project.name, `${project.name}-cache`];
            for (const one of projects) {
                await project.leaveRoom(100_000, one);
            }
            const { run, costly } = await project.upOnNewRunner(1_000);
            assert.equal(run.code, 0, run.output);
            assert.deepEqual(costly, Array(builds).fill("cached"));
            const full = await project.upOnNewRunner(3_000_000);
            assert.notEqual(full.run.code, 0);
            assert.match(
                full.run.output,
                /the storage quota of the Harbor project, [\d.]+ MiB, is full/,
            );
            assert.match(full.run.output, /not retried\. Raise the project's storageQuota/);
            assert.doesNotMatch(full.run.output, /building again/);
        },
    );
}
