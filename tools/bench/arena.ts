import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { HarborClient } from "../../src/harbor/client";
import { createProject, deleteProject, getProject } from "../../src/harbor/project";
import { deleteRepository, listRepositories } from "../../src/provider/harbor/repository";
import type { Engine } from "../commands/engine";
import { type BuildRecord, recordBuilds } from "../sandbox/buildRecord";
import { startEmptyBuildkit, wipeBuildkit } from "../sandbox/sandbox";
import { Processes, type Usage } from "./processes";
import { type Relay, startRelay, type Traffic } from "./relay";
import type { Task } from "./subject";

/** Where and how bouts run. */
export interface ArenaOptions {
    readonly engine: Engine;
    /** Folder of the sources. */
    readonly folder: string;
    /** Ends the command that runs, and prevents every later one. */
    readonly signal: AbortSignal;
}

/** One measured run. */
export interface Measurement extends Usage {
    readonly wallMs: number;
    readonly builds: readonly BuildRecord[];
    /** Undefined with a given Harbor, to which no relay leads. */
    readonly traffic: Traffic | undefined;
}

/** The surroundings of the bouts: a Harbor, a BuildKit, folders, and the engine. */
export class Arena {
    readonly engine: Engine;
    /** Host and port of Harbor, the first part of every reference. */
    readonly host: string;
    /** Environment of every command. */
    readonly environment: NodeJS.ProcessEnv;
    private readonly folder: string;
    private readonly relay: Relay | undefined;
    private readonly client: HarborClient;
    private readonly signal: AbortSignal;
    private readonly processes: Processes;
    /** Makes the project names of this run unique on the Harbor. */
    private readonly mark = Date.now().toString(36);
    private projects = 0;
    private readonly openProjects = new Set<string>();
    private second: { readonly address: string; stop(): Promise<void> } | undefined;

    /** Opens the surroundings. Close them in the end. */
    static async open(options: ArenaOptions): Promise<Arena> {
        const { engine } = options;
        const isSandbox = engine.sandbox.harbor !== undefined;
        const relay = isSandbox ? await startRelay(new URL(engine.harbor.url)) : undefined;
        return new Arena(options, relay);
    }

    private constructor({ engine, folder, signal }: ArenaOptions, relay: Relay | undefined) {
        const { username, password, ignoreCertificate } = engine.harbor;
        const url = new URL(engine.harbor.url);
        if (relay !== undefined) {
            url.host = relay.host;
        }
        this.engine = engine;
        this.folder = folder;
        this.signal = signal;
        this.processes = new Processes(signal);
        this.relay = relay;
        this.host = url.host;
        this.environment = {
            ...engine.environment,
            HARBOR_URL: url.origin,
            // A new CI runner has no compiled code of an earlier run.
            NODE_DISABLE_COMPILE_CACHE: "1",
        };
        this.client = new HarborClient({
            url: engine.harbor.url,
            username,
            password,
            verifyTls: !ignoreCertificate,
            env: engine.environment,
        });
    }

    /** A name for a bout's own Harbor project. */
    nameProject(): string {
        this.projects += 1;
        const name = `bench-${this.mark}-${this.projects}`;
        this.openProjects.add(name);
        return name;
    }

    /** Makes a bout's folder, with a copy of the sample for each image. */
    async openFolder(project: string, { sample, images }: Task) {
        const folder = join(this.folder, project);
        const names = Array.from({ length: images }, (_, index) => `app-${index + 1}`);
        for (const name of names) {
            const context = join(folder, name);
            await mkdir(context, { recursive: true });
            await cp(sample.folder, context, { recursive: true });
            // Every image has different content, and all share stages.
            if (images > 1) await sample.changes[sample.difference ?? "finalStage"](context, name);
        }
        return { folder, names, contexts: names.map((name) => join(folder, name)) };
    }

    /** Creates a project for a subject that does not declare one. */
    async createProject(name: string): Promise<void> {
        await createProject(this.client, { name });
    }

    /** Id of a project that exists. */
    async projectId(name: string): Promise<number> {
        const found = await getProject(this.client, name);
        if (found === undefined) {
            throw new Error(`project ${name} does not exist`);
        }
        return found.id;
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
        this.openProjects.delete(project);
    }

    /** Takes everything from each BuildKit, as on a new CI runner. */
    async newRunner(): Promise<void> {
        this.signal.throwIfAborted();
        await wipeBuildkit(this.buildkitOptions());
        if (this.second !== undefined) await this.openSecondBuildkit();
    }

    /** Starts a second, empty BuildKit, and returns its address. */
    async openSecondBuildkit(): Promise<string> {
        this.second = await startEmptyBuildkit(this.buildkitOptions(), "second");
        return this.second.address;
    }

    private buildkitOptions() {
        const { sandboxOptions, harbor } = this.engine;
        const http = new URL(harbor.url).protocol === "http:";
        const registries = this.relay === undefined ? {} : { [this.relay.host]: { http } };
        return { ...sandboxOptions, registries };
    }

    /** Runs a program to its end; see {@link Processes}. */
    run(...args: Parameters<Processes["run"]>): Promise<void> {
        return this.processes.run(...args);
    }

    /** Measures what an action takes. */
    async measure(action: () => Promise<void>): Promise<Measurement> {
        const { tools, sandbox } = this.engine;
        const { buildctl } = tools;
        const run = async () => {
            this.processes.take();
            this.relay?.take();
            const startedMs = performance.now();
            await action();
            const wallMs = performance.now() - startedMs;
            return { wallMs, ...this.processes.take(), traffic: this.relay?.take() };
        };
        const { buildkitAddress } = sandbox;
        const first = await recordBuilds({ buildctl, buildkitAddress }, async () =>
            this.second === undefined
                ? { result: await run(), builds: [] }
                : recordBuilds({ buildctl, buildkitAddress: this.second.address }, run),
        );
        const { result, builds } = first.result;
        return { ...result, builds: [...first.builds, ...builds] };
    }

    /** Removes the projects of rounds that failed or were interrupted, and closes the connections. */
    async close(): Promise<void> {
        try {
            for (const project of this.openProjects) await this.remove(project);
        } finally {
            this.client.close();
            await this.relay?.close();
            await this.second?.stop();
        }
    }
}
