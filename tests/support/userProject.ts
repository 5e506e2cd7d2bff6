import { execFile, spawn } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import manifest from "../../package.json";
import { atEnd } from "./atEnd";
import { openLab, root } from "./lab";

const run = promisify(execFile);

/** How a command ended. */
interface Ended {
    readonly code: number;
    readonly stdout: string;
    /** Standard output, then standard error. */
    readonly output: string;
}

/** A command that runs until it is stopped. */
interface StartedCommand {
    /** Waits until the command has printed a text. */
    prints(text: string): Promise<void>;
    stop(): Promise<void>;
}

/** A user's project outside the clone, with its own state. */
export class UserProject {
    readonly folder: string;
    private readonly environment: NodeJS.ProcessEnv;

    private constructor(folder: string, environment: NodeJS.ProcessEnv) {
        this.folder = folder;
        this.environment = environment;
    }

    /** Creates a project with these files, and deletes it at the end of the test file. */
    static async create(files: Readonly<Record<string, string>>): Promise<UserProject> {
        const folder = await realpath(await mkdtemp(join(tmpdir(), "hb-user-")));
        const state = await mkdtemp(join(tmpdir(), "hb-state-"));
        atEnd(async () => {
            await rm(folder, { recursive: true, force: true });
            await rm(state, { recursive: true, force: true });
        });
        const project = new UserProject(folder, {
            ...process.env,
            ...openLab().environment,
            PULUMI_BACKEND_URL: `file://${state}`,
            PULUMI_CONFIG_PASSPHRASE: "only for this test",
            PULUMI_STACK: "dev",
            // As users run programs: with type checks.
            PULUMI_NODEJS_TRANSPILE_ONLY: "",
        });
        await project.write(files);
        return project;
    }

    /** The PATH of the project's commands. */
    get path(): string {
        return this.environment["PATH"] ?? "";
    }

    /** Another project with the same state, in a folder of this one. */
    below(name: string, environment: NodeJS.ProcessEnv): UserProject {
        return new UserProject(join(this.folder, name), { ...this.environment, ...environment });
    }

    async write(files: Readonly<Record<string, string>>): Promise<void> {
        for (const [name, text] of Object.entries(files)) {
            const path = join(this.folder, name);
            await mkdir(dirname(path), { recursive: true });
            await writeFile(path, text);
        }
    }

    /** Packs the package and installs it with others, in the versions that the clone has. */
    async install(...others: readonly (keyof typeof manifest.devDependencies)[]): Promise<void> {
        const pinned = others.map((name) => `${name}@${manifest.devDependencies[name]}`);
        const options = ["--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"];
        await this.succeed("npm", "install", ...options, await this.pack(), ...pinned);
    }

    /** Packs the package into the project's folder; returns the name of the tarball. */
    async pack(): Promise<string> {
        await run("npm", ["pack", "--silent", "--pack-destination", this.folder], { cwd: root });
        return `./harbor-build-${manifest.version}.tgz`;
    }

    /** Runs a command in the project; `pulumi` is the lab's. */
    async run(command: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
        const [program = "", ...args] = command;
        const options = { cwd: this.folder, env: { ...this.environment, ...environment } };
        return new Promise((resolve, reject) => {
            execFile(program, args, options, (error, stdout, stderr) => {
                if (error !== null && typeof error.code !== "number") reject(error);
                else resolve({ code: Number(error?.code ?? 0), stdout, output: stdout + stderr });
            });
        });
    }

    /** Runs a command that must succeed; returns its standard output. */
    async succeed(...command: readonly string[]): Promise<string> {
        const { code, stdout, output } = await this.run(command);
        if (code !== 0) throw new Error(`${command.join(" ")} failed:\n${output}`);
        return stdout;
    }

    /** Starts a command that runs until it is stopped. */
    start(command: readonly string[], environment: NodeJS.ProcessEnv): StartedCommand {
        const [program = "", ...args] = command;
        const child = spawn(program, args, {
            cwd: this.folder,
            env: { ...this.environment, ...environment },
            stdio: ["ignore", "pipe", "inherit"],
            detached: true,
        });
        const ended = new Promise((resolve) => child.once("close", resolve));
        return {
            async prints(text) {
                let printed = "";
                for await (const chunk of child.stdout) {
                    printed += chunk;
                    if (printed.includes(text)) return;
                }
                throw new Error(`${command.join(" ")} ended without "${text}":\n${printed}`);
            },
            async stop() {
                // The whole group: npx starts the program as a child.
                if (child.pid !== undefined) process.kill(-child.pid);
                await ended;
            },
        };
    }
}
