import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { atEnd } from "./atEnd";
import { type Lab, workDir } from "./lab";
import { succeeded } from "./run";

/** The result of one `pulumi` run. */
export interface Run {
    readonly code: number;
    /** Standard output and standard error, interleaved. */
    readonly output: string;
    /** Operation on each resource by its logical name: `create`, `update`, `same`, `delete`, … */
    readonly operations: Readonly<Record<string, string>>;
    /** Properties that differ, by logical name of the changed resources. */
    readonly diffs: Readonly<Record<string, readonly string[]>>;
}

interface EngineEvent {
    readonly resourcePreEvent?: {
        readonly metadata: {
            readonly op: string;
            readonly urn: string;
            readonly type: string;
            readonly detailedDiff?: Record<string, unknown> | null;
            readonly diffs?: readonly string[] | null;
        };
    };
}

/** Receives, when a run has started, the function that interrupts the run, and the engine's process. */
type Started = (interrupt: () => void, pid: number) => void;

/** Options of a test project, in addition to its program. */
export interface StackOptions {
    /** @default "dev" */
    readonly stack?: string;
    /** Folder of files to copy next to the program. @default none */
    readonly files?: string;
    /** Variables in addition to the lab's. */
    readonly environment?: NodeJS.ProcessEnv;
}

/** A separate Pulumi project, with its own backend and Docker configuration. */
export class TestStack {
    readonly folder: string;
    private readonly lab: Lab;
    private environment: NodeJS.ProcessEnv;
    /** Whether an update may have left something that a destroy deletes. */
    private standing = false;

    private constructor(folder: string, lab: Lab, environment: NodeJS.ProcessEnv) {
        this.folder = folder;
        this.lab = lab;
        this.environment = environment;
    }

    /** Creates a project from a program's source, with the example's files next to it. */
    static async create(lab: Lab, program: string, options: StackOptions = {}): Promise<TestStack> {
        const made = TestStack.prepare(lab, program, options);
        await made.init();
        return made;
    }

    /** Writes the project's files; {@link init} creates the stack. */
    static prepare(lab: Lab, program: string, options: StackOptions = {}): TestStack {
        mkdirSync(workDir, { recursive: true });
        const folder = mkdtempSync(join(workDir, "stack-"));
        if (options.files !== undefined) {
            cpSync(options.files, folder, { recursive: true });
        }
        const settings = {
            name: "test",
            runtime: "nodejs",
            // Has a name, because the nearest other package.json, the clone's, belongs to the
            // package.
            main: "index.ts",
            plugins: {
                providers: [
                    { name: "harbor", path: "../../../../dist/plugin" },
                    { name: "harbor-build", path: "../../../../dist/languages" },
                ],
            },
        };
        // JSON is valid YAML.
        writeFileSync(join(folder, "Pulumi.yaml"), JSON.stringify(settings));
        writeFileSync(
            join(folder, "tsconfig.json"),
            JSON.stringify({ extends: "../../../../tsconfig.json" }),
        );
        writeFileSync(join(folder, "index.ts"), program);
        mkdirSync(join(folder, ".state"));
        return new TestStack(folder, lab, {
            ...lab.environment,
            PULUMI_BACKEND_URL: `file://${join(folder, ".state")}`,
            PULUMI_CONFIG_PASSPHRASE: "only for this test",
            PULUMI_STACK: options.stack ?? "dev",
            ...options.environment,
        });
    }

    /** Creates the stack and, at the end of the file, destroys and removes it. */
    async init(): Promise<void> {
        const given = this.environment;
        atEnd(async () => {
            this.environment = given;
            if (this.standing) {
                succeeded(await this.destroy());
            }
            await this.remove();
        });
        await this.createStack();
    }

    private async createStack(): Promise<void> {
        const made = await this.pulumi(["stack", "init", this.environment["PULUMI_STACK"] ?? ""]);
        assert.equal(made.code, 0, made.output);
    }

    /** Sets variables for the next runs; returns a function that restores them. */
    setEnvironment(values: NodeJS.ProcessEnv): () => void {
        const before = this.environment;
        this.environment = { ...before, ...values };
        return () => {
            this.environment = before;
        };
    }

    /** The same project with its state in another folder. */
    async copyTo(folder: string): Promise<TestStack> {
        await cp(this.folder, folder, { recursive: true, verbatimSymlinks: true });
        return new TestStack(folder, this.lab, {
            ...this.environment,
            PULUMI_BACKEND_URL: `file://${join(folder, ".state")}`,
        });
    }

    /** Replaces the program. */
    async program(source: string): Promise<void> {
        await writeFile(join(this.folder, "index.ts"), source);
    }

    up(...args: string[]): Promise<Run> {
        return this.engine(["up", "--yes", "--skip-preview", ...args]);
    }

    preview(...args: string[]): Promise<Run> {
        return this.engine(["preview", ...args]);
    }

    refresh(...args: string[]): Promise<Run> {
        return this.engine(["refresh", "--yes", "--skip-preview", ...args]);
    }

    async destroy(...args: string[]): Promise<Run> {
        const run = await this.engine(["destroy", "--yes", "--skip-preview", ...args]);
        this.standing &&= run.code !== 0;
        return run;
    }

    /**
     * An update that is interrupted once, as by Ctrl-C, when `moment` resolves. `tookMs` is the
     * time from then to its end.
     */
    async upInterrupted(
        moment: Promise<unknown>,
        ...args: string[]
    ): Promise<Run & { readonly tookMs: number }> {
        let at = 0;
        const run = await this.engine(["up", "--yes", "--skip-preview", ...args], (interrupt) => {
            void moment.then(() => {
                at = Date.now();
                interrupt();
            });
        });
        return { ...run, tookMs: Date.now() - at };
    }

    /** An operation, such as `up`. `started` gets the engine's process and the file of its events. */
    async observed(
        operation: string,
        started: (pid: number, events: string) => void,
        ...more: readonly string[]
    ): Promise<Run> {
        const args = operation === "preview" ? [] : ["--yes", "--skip-preview"];
        return this.engine([operation, ...args, ...more], (_, pid) => started(pid, this.events));
    }

    private get events(): string {
        return join(this.folder, ".events.json");
    }

    /** The stack's outputs, with secrets in plain text. */
    async outputs(): Promise<Record<string, unknown>> {
        const run = await this.pulumi(["stack", "output", "--json", "--show-secrets"]);
        assert.equal(run.code, 0, run.output);
        return JSON.parse(run.stdout);
    }

    /** The stack's state, with encrypted secrets. */
    async state(): Promise<string> {
        const run = await this.pulumi(["stack", "export"]);
        assert.equal(run.code, 0, run.output);
        return run.stdout;
    }

    /** Removes the stack's state, as if it were lost. */
    async forget(): Promise<void> {
        const stack = this.environment["PULUMI_STACK"] ?? "";
        const gone = await this.pulumi(["stack", "rm", stack, "--yes", "--force"]);
        assert.equal(gone.code, 0, gone.output);
        await this.createStack();
        this.standing = false;
    }

    /** Removes the project's folder and so the stack. */
    async remove(): Promise<void> {
        await rm(this.folder, { recursive: true, force: true });
        this.standing = false;
    }

    /** Runs any `pulumi` command in the project. */
    async pulumi(
        args: readonly string[],
        environment: NodeJS.ProcessEnv = {},
        started: Started = () => undefined,
    ): Promise<{ code: number; stdout: string; output: string }> {
        // Background jobs of a shell, and their children, ignore SIGINT: the engine would then kill
        // its plugins seconds later.
        const command = ["--default-signal=INT", this.lab.pulumi, "--non-interactive", ...args];
        const child = spawn("env", command, {
            cwd: this.folder,
            env: { ...this.environment, ...environment },
            stdio: ["ignore", "pipe", "pipe"],
        });
        let stdout = "";
        let output = "";
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
            stdout += text;
            output += text;
        });
        child.stderr.setEncoding("utf8").on("data", (text: string) => {
            output += text;
        });
        started(() => child.kill("SIGINT"), child.pid ?? 0);
        const code = await new Promise<number>((resolve, reject) => {
            child.on("error", reject);
            child.on("close", (exitCode) => resolve(exitCode ?? -1));
        });
        return { code, stdout, output };
    }

    private async engine(args: readonly string[], started?: Started): Promise<Run> {
        this.standing ||= args[0] === "up";
        const log = this.events;
        await rm(log, { force: true });
        const debugging = { PULUMI_DEBUG_COMMANDS: "true" };
        const run = await this.pulumi([...args, "--event-log", log], debugging, started);
        const text = await readFile(log, "utf8").catch(() => "");
        const events = text
            .split("\n")
            .filter((line) => line !== "")
            // Shape: the engine's apitype.EngineEvent.
            .map((line) => JSON.parse(line) as EngineEvent);
        const operations: Record<string, string> = {};
        const diffs: Record<string, readonly string[]> = {};
        for (const { resourcePreEvent } of events) {
            const metadata = resourcePreEvent?.metadata;
            if (metadata === undefined || metadata.type.startsWith("pulumi:")) {
                continue;
            }
            const name = metadata.urn.slice(metadata.urn.lastIndexOf("::") + 2);
            operations[name] = metadata.op;
            const changed = Object.keys(metadata.detailedDiff ?? {});
            if (changed.length > 0) {
                diffs[name] = changed.sort();
            }
        }
        return { code: run.code, output: run.output, operations, diffs };
    }
}
