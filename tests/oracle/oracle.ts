import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { ensureTools } from "../../tools/toolchain/tools";

/** One build, as `tools/toolchain/go/buildkit/oracle/request.go` describes it. */
export interface OracleRequest {
    readonly dockerfile: Buffer;
    readonly ignore?: Buffer | undefined;
    readonly context: string;
    readonly target?: string | undefined;
    readonly platforms?: readonly string[] | undefined;
    readonly builder?: string | undefined;
    readonly buildArgs?: Readonly<Record<string, string>> | undefined;
    readonly namedContexts?: Readonly<Record<string, string>> | undefined;
    readonly images?: Readonly<Record<string, unknown>> | undefined;
    readonly anyImage?: unknown;
    /** Whether folders have changed since the last request. @default false */
    readonly changed?: boolean;
}

/** What one operation reads from a context that is a folder. */
export interface OracleRead {
    readonly operation: number;
    readonly context: string;
    readonly path: string;
    readonly files?: readonly string[];
    readonly error?: string;
}

/** The build for one platform. */
export interface OracleBuild {
    readonly platform: string;
    readonly operations: readonly unknown[];
    readonly config: unknown;
    readonly epoch?: string;
    readonly reads: readonly OracleRead[];
}

/** BuildKit's result for a request. */
export interface OracleAnswer {
    readonly error?: string;
    readonly warnings?: readonly string[];
    readonly platforms?: readonly OracleBuild[];
}

/** BuildKit's own frontend, in a process that answers requests one by one. */
export class Oracle {
    readonly #path: string;
    #child: ChildProcessWithoutNullStreams | undefined;
    readonly #waiting: ((answer: OracleAnswer) => void)[] = [];

    private constructor(path: string) {
        this.#path = path;
    }

    /** Finds the program, or builds it. */
    static async open(): Promise<Oracle> {
        const { oracle } = await ensureTools(["oracle"]);
        return new Oracle(oracle);
    }

    ask({ dockerfile, ignore, ...request }: OracleRequest): Promise<OracleAnswer> {
        const line = JSON.stringify({
            ...request,
            dockerfile: dockerfile.toString("base64"),
            ignore: ignore?.toString("base64"),
            evaluate: true,
        });
        const child = this.#start();
        return new Promise((resolve) => {
            this.#waiting.push(resolve);
            child.stdin.write(`${line}\n`);
        });
    }

    close(): void {
        this.#child?.stdin.end();
    }

    #start(): ChildProcessWithoutNullStreams {
        if (this.#child !== undefined) {
            return this.#child;
        }
        const child = spawn(this.#path, [], { stdio: "pipe" });
        this.#child = child;
        // The frontend's shell parser prints what it does not understand; the answers contain the
        // same.
        let complaints = "";
        child.stderr.on("data", (text) => {
            complaints = `${complaints}${text}`.slice(-10_000);
        });
        createInterface({ input: child.stdout }).on("line", (line) => {
            // The program is built from this repository and prints what its Answer declares.
            this.#waiting.shift()?.(JSON.parse(line) as OracleAnswer);
        });
        child.on("close", () => {
            this.#child = undefined;
            // A panic in a goroutine of the frontend ends the process.
            for (const answer of this.#waiting.splice(0)) {
                answer({ error: `BuildKit's frontend dies: ${complaints}` });
            }
        });
        return child;
    }
}
