import { cp, mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { HarborClient } from "../../src/harbor/client";
import { createProject, deleteProject, getProject } from "../../src/harbor/project";
import { deleteRepository, listRepositories } from "../../src/harbor/repository";
import { captureChild } from "../commands/child";
import type { Engine } from "../commands/engine";
import { Problem } from "../commands/problem";

const example = resolve(__dirname, "..", "..", "examples", "quickstart", "fm");

/** The surroundings of the bouts: a Harbor, folders, and the engine. */
export class Arena {
    /** Harbor's host and port, the first part of every reference. */
    readonly host: string;
    readonly engine: Engine;
    private readonly folder: string;
    private readonly client: HarborClient;
    /** Makes the project names of this run unique on the Harbor. */
    private readonly mark = Date.now().toString(36);

    constructor(engine: Engine, folder: string) {
        const { url, username, password, ignoreCertificate } = engine.harbor;
        this.engine = engine;
        this.folder = folder;
        this.host = new URL(url).host;
        this.client = new HarborClient({
            url,
            username,
            password,
            verifyTls: !ignoreCertificate,
            env: engine.environment,
        });
    }

    /** Name of a bout's own Harbor project. */
    projectName(contender: string, round: number): string {
        return `bench-${contender}-${this.mark}-${round}`;
    }

    /** Makes a folder that contains only the Go program, in `fm`. */
    async openFolder(project: string): Promise<string> {
        const folder = join(this.folder, project);
        await mkdir(folder, { recursive: true });
        await cp(example, join(folder, "fm"), { recursive: true });
        return folder;
    }

    /** Creates a project for a contender that does not declare one. */
    async createProject(name: string): Promise<void> {
        await createProject(this.client, { name });
    }

    /** Deletes a project with all images, and the bout's folder. */
    async remove(project: string): Promise<void> {
        const found = await getProject(this.client, project);
        if (found !== undefined) {
            for (const repository of await listRepositories(this.client, project)) {
                await deleteRepository(this.client, project, repository);
            }
            await deleteProject(this.client, found.id);
        }
        await rm(join(this.folder, project), { recursive: true, force: true });
    }

    /** Closes the connections to Harbor. */
    close(): void {
        this.client.close();
    }

    /**
     * Runs a program to its end.
     *
     * @throws Problem with the whole output when the program exits with a code other than 0.
     */
    async run(
        file: string,
        args: readonly string[],
        options: { cwd: string; env: NodeJS.ProcessEnv },
    ): Promise<void> {
        const result = await captureChild(file, args, options);
        if (result.code !== 0) {
            const shown = [file, ...args].join(" ");
            throw new Problem(
                `${shown}: exit code ${result.code}\n${result.stdout}${result.stderr}`,
            );
        }
    }
}
