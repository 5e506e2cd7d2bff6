import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type BuildRecord, recordBuilds, steps } from "./buildRecord";
import { type Lab, uniqueName } from "./lab";
import { askApi, type RegistryAccess } from "./registry";
import { runRetention } from "./retention";
import { hasSystemRights } from "./rights";
import { newRunner } from "./runner";
import { type Run, TestStack } from "./stack";
import { writeFolder } from "./tinyProject";

/** The step of the builder stage that no change affects: the cache must hit it. */
export const costly = "RUN date +%s%N > /tools";

/** A two-stage project whose builder stage has a costly step before the changing files. */
export const policyFiles = {
    "fm/Dockerfile": [
        "FROM alpine:3.22 AS build",
        costly,
        "COPY source.bin /source.bin",
        "RUN cat /tools /source.bin > /out",
        "FROM alpine:3.22",
        "COPY --from=build /tools /tools",
        "COPY --from=build /source.bin /source.bin",
        "",
    ].join("\n"),
    "fm/source.bin": "first\n",
};

/** A program's arguments for its project and image, as source text. */
export interface Said {
    /** Arguments of the `ImageProject`. */
    readonly project?: string;
    /** Arguments of the `CachedImage`. */
    readonly image?: string;
}

/**
 * An image in an image project. Each content has a separate tag, which every policy allows to push.
 */
export function policyProgram(name: string, { project = "", image = "" }: Said = {}): string {
    const life = /\bexisting: true/.test(project) ? "" : "retainImages: false,";
    return `
import { CachedImage, ImageProject, CacheBackend } from "harbor-build";

const { HARBOR_USERNAME: username = "", HARBOR_PASSWORD: password = "" } = process.env;
/** Who deploys. */
const login = { username, password };

const shop = new ImageProject("shop", { name: ${JSON.stringify(name)}, ${life} ${project} });
const fm = new CachedImage("fm", {
    project: shop.project,
    context: "fm",
    ${/\btags: /.test(image) ? "" : "tags: [], tagByContent: true,"}
    ${image}
});
export const image = fm.ref;
export const pullSecret = shop.pullSecret;
export const projectId = shop.projectId;
export const pushUsername = shop.pushCredentials.username;
`;
}

/** Arguments of an `ImageProject` that store its caches in a separate project. */
export const cachesApart = (name: string): string => `cache: { project: "${name}-cache" },`;

/** A separate project in Harbor for a test, and a stack that builds into it. */
export class PolicyProject {
    readonly name: string;
    readonly stack: TestStack;
    private readonly lab: Lab;

    private constructor(lab: Lab, name: string, stack: TestStack) {
        this.lab = lab;
        this.name = name;
        this.stack = stack;
    }

    /** Creates the stack, with a new project unless one is given; deploys nothing. */
    static async create(
        lab: Lab,
        said: (name: string) => Said,
        {
            name = uniqueName("policy"),
            environment = {},
        }: { name?: string; environment?: NodeJS.ProcessEnv } = {},
    ): Promise<PolicyProject> {
        const program = policyProgram(name, said(name));
        const options = { files: writeFolder(policyFiles), environment };
        return new PolicyProject(lab, name, await TestStack.create(lab, program, options));
    }

    /** Changes a file of the builder stage to `size` random bytes. */
    change(size = 16): void {
        writeFileSync(join(this.stack.folder, "fm", "source.bin"), randomBytes(size));
    }

    /** Deploys the stack after a change, on a runner with an empty BuildKit. */
    async upOnNewRunner(size = 16): Promise<{ run: Run; costly: readonly string[] }> {
        this.change(size);
        await newRunner(this.lab);
        const { result, builds } = await recordBuilds(this.lab, () => this.stack.up());
        return { run: result, costly: builds.map(outcomeOfCostly) };
    }

    /** Runs a project's retention and waits for its end. */
    clean(project = this.name): Promise<void> {
        return runRetention(this.lab.admin, project);
    }

    /** Bytes that a project stores by Harbor's count. */
    async used(project = this.name): Promise<number> {
        return (await this.ask(`/projects/${project}/summary`)).quota.used.storage;
    }

    /** Sets a quota with room for so many more bytes; needs a system administrator. */
    async leaveRoom(bytes: number, project = this.name): Promise<void> {
        const { project_id } = await this.ask(`/projects/${project}`);
        const [quota] = await this.ask(`/quotas?reference=project&reference_id=${project_id}`);
        const body = { hard: { storage: quota.used.storage + bytes } };
        const set = await askApi(this.lab.admin, `/quotas/${quota.id}`, { method: "PUT", body });
        assert.equal(set.status, 200);
    }

    // biome-ignore lint/suspicious/noExplicitAny: answers of Harbor's, of which a test reads a field
    private async ask(path: string): Promise<any> {
        const answer = await askApi(this.lab.admin, path);
        assert.equal(answer.status, 200, path);
        return answer.json;
    }
}

/** The result of the costly step in a build. */
function outcomeOfCostly(build: BuildRecord): string {
    return steps(build)[costly] ?? "absent";
}

/** A user of Harbor without system rights, and the environment for deployments as this user. */
export async function asUser(
    lab: Lab,
): Promise<{ access: RegistryAccess; environment: NodeJS.ProcessEnv }> {
    if (!(await hasSystemRights(lab.admin))) {
        return { access: lab.admin, environment: {} };
    }
    const username = uniqueName("user");
    const password = `Aa1${randomBytes(9).toString("hex")}`;
    const body = { username, password, realname: username, email: `${username}@example.com` };
    const made = await askApi(lab.admin, "/users", { method: "POST", body });
    assert.equal(made.status, 201, JSON.stringify(made.json));
    return {
        access: { ...lab.admin, username, password },
        environment: { HARBOR_USERNAME: username, HARBOR_PASSWORD: password },
    };
}
