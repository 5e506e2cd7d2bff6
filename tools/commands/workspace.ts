import { randomBytes } from "node:crypto";
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

/** The private folders of one clone, all below `.harbor-build`, which git ignores. */
export interface Workspace {
    /** The clone. */
    readonly root: string;
    /** Folder of everything that the commands write. */
    readonly privateDir: string;
    /** Pulumi's home: plugins, credentials. `PULUMI_HOME` when set. */
    readonly pulumiHome: string;
    /** Where Pulumi keeps stacks. `PULUMI_BACKEND_URL` when set. */
    readonly backendUrl: string;
    /** Docker's configuration, buildx instances included. `DOCKER_CONFIG` when set. */
    readonly dockerConfig: string;
    /** Data of the sandbox. */
    readonly sandboxDir: string;
}

/** Name of the stack that `npm start` brings up. */
export const stackName = "dev";

/** Name of the root project in `Pulumi.yaml`. */
export const projectName = "quickstart";

const root = resolve(__dirname, "..", "..");

/** Opens the workspace of this clone and creates its folders. */
export async function openWorkspace(
    environment: NodeJS.ProcessEnv = process.env,
    privateDir = join(root, ".harbor-build"),
): Promise<Workspace> {
    const stateDir = join(privateDir, "state");
    const workspace = {
        root,
        privateDir,
        pulumiHome: environment["PULUMI_HOME"] || join(privateDir, "pulumi"),
        backendUrl: environment["PULUMI_BACKEND_URL"] || `file://${stateDir}`,
        dockerConfig: environment["DOCKER_CONFIG"] || join(privateDir, "docker"),
        sandboxDir: join(privateDir, "sandbox"),
    };
    await mkdir(privateDir, { recursive: true });
    await chmod(privateDir, 0o700);
    for (const dir of [stateDir, workspace.pulumiHome, workspace.dockerConfig]) {
        await mkdir(dir, { recursive: true });
    }
    return workspace;
}

/**
 * Opens another workspace of this clone, in a folder of the given name. It shares nothing with the
 * stack of `npm start` or with the folders that the environment names.
 */
export async function openWorkspaceApart(name: string): Promise<Workspace> {
    const main = await openWorkspace();
    const own = { ...process.env };
    for (const variable of ["PULUMI_HOME", "PULUMI_BACKEND_URL", "DOCKER_CONFIG"]) {
        delete own[variable];
    }
    return openWorkspace(own, join(main.privateDir, name));
}

/** The passphrase that encrypts this clone's stacks. */
export function stackPassphrase(workspace: Workspace): Promise<string> {
    return generatedOnce(workspace, "passphrase", () => randomBytes(24).toString("base64url"));
}

/**
 * The project that the quickstart declares on a given Harbor server. `npm run down` deletes it with
 * its images, so it has a name that no other project has. A stack that was brought up before the name
 * was generated keeps its project: with another name, Pulumi would delete it.
 */
export function quickstartProject(
    workspace: Workspace,
    { isUp }: { readonly isUp: boolean },
): Promise<string> {
    const generate = () => (isUp ? "shop" : `quickstart-${randomBytes(5).toString("hex")}`);
    return generatedOnce(workspace, "quickstart-project", generate);
}

/** Lets the next stack have a project with a new name. */
export function forgetQuickstartProject({ privateDir }: Workspace): Promise<void> {
    return rm(join(privateDir, "quickstart-project"), { force: true });
}

/** A value that is generated once, and stored in a file of mode 0600. */
async function generatedOnce(
    { privateDir }: Workspace,
    name: string,
    generate: () => string,
): Promise<string> {
    const file = join(privateDir, name);
    try {
        await writeFile(file, generate(), { mode: 0o600, flag: "wx" });
    } catch (error) {
        if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) {
            throw error;
        }
    }
    return readFile(file, "utf8");
}
