import { rm } from "node:fs/promises";
import { sandboxHarborUrl, stopSandbox } from "../sandbox/sandbox";
import { findTools } from "../toolchain/tools";
import { prepareEngine } from "./engine";
import { givenHarbor, heldHarbor, otherHarbor, releaseHarbor } from "./harbor";
import { isEmptyStack, leftovers } from "./leftovers";
import { isProblem, Problem } from "./problem";
import { runPulumi } from "./pulumi";
import { stackFile } from "./stack";
import { openWorkspace, type Workspace } from "./workspace";

/**
 * `npm run down` destroys what `npm start` created, then stops what it started. Resources that it
 * cannot destroy stay in the stack and are reported; `--forget` removes them from the stack.
 */
export async function down(args: readonly string[]): Promise<number> {
    const isForgetting = args.includes("--forget");
    const unknown = args.filter((arg) => arg !== "--forget");
    if (unknown.length > 0) {
        throw new Problem(`unknown argument "${unknown.join(" ")}". Expected --forget or nothing`);
    }
    const forget = isForgetting ? { forget: true as const } : {};
    return takeDown(await openWorkspace(), { environment: process.env, ...forget });
}

/** How to take a stack down. */
interface Takedown {
    readonly environment: NodeJS.ProcessEnv;
    /** Whether to delete only the state, and nothing in Harbor. */
    readonly forget?: true;
}

/** Takes the workspace's stack and sandbox down; resolves to the exit code. */
export async function takeDown(workspace: Workspace, options: Takedown): Promise<number> {
    const isGone = await (options.forget
        ? forgetStack(workspace)
        : destroyStack(workspace, options));
    await stopSandbox(workspace.sandboxDir);
    if (isGone) {
        await releaseHarbor(workspace);
        return 0;
    }
    await reportLeftovers(workspace);
    return 1;
}

/** Destroys the stack. Returns whether nothing is left; otherwise standard error has the reason. */
async function destroyStack(workspace: Workspace, { environment }: Takedown): Promise<boolean> {
    if (await isEmptyStack(workspace)) {
        return true;
    }
    try {
        const engine = await prepareEngine(workspace, {
            environment: await stackEnvironment(workspace, environment),
            bring: findTools,
        });
        const destroy = ["destroy", "--yes", "--skip-preview", "--non-interactive"];
        return (await runPulumi(workspace, engine, [...destroy, "--continue-on-error"])) === 0;
    } catch (error) {
        if (!isProblem(error)) {
            throw error;
        }
        console.error(`error: ${error.message}`);
        return false;
    }
}

/** The environment, with the sandbox's Harbor when the stack is on that Harbor. */
async function stackEnvironment(
    workspace: Workspace,
    environment: NodeJS.ProcessEnv,
): Promise<NodeJS.ProcessEnv> {
    const held = await heldHarbor(workspace);
    if (held === undefined) {
        return environment;
    }
    if (held === sandboxHarborUrl(workspace.sandboxDir)) {
        return { ...environment, HARBOR_URL: "" };
    }
    const given = givenHarbor(environment);
    if (given?.url !== held) {
        throw otherHarbor(workspace, held, given?.url ?? "no Harbor");
    }
    return environment;
}

/** Deletes the state, and nothing in Harbor. */
async function forgetStack(workspace: Workspace): Promise<boolean> {
    const file = stackFile(workspace);
    if (file === undefined) {
        throw new Problem(
            `PULUMI_BACKEND_URL: the stack is kept in ${workspace.backendUrl}. Forget it with npm run pulumi -- stack rm --force`,
        );
    }
    const left = await leftovers(workspace);
    await rm(file, { force: true });
    await rm(`${file}.bak`, { force: true });
    list("no longer managed, and still in Harbor:", left);
    return true;
}

async function reportLeftovers(workspace: Workspace): Promise<void> {
    const held = await heldHarbor(workspace);
    const harbor = held === undefined ? "Harbor" : `Harbor ${held}`;
    list(`left in ${harbor} and in this clone's stack:`, await leftovers(workspace));
    console.error(
        "Fix what the error above names, then run npm run down again. To delete the stack here and " +
            "leave these in Harbor: npm run down -- --forget",
    );
}

function list(title: string, lines: readonly string[] | undefined): void {
    if (lines === undefined || lines.length > 0) {
        console.error([title, ...(lines ?? ["see npm run pulumi -- stack"])].join("\n  "));
    }
}
