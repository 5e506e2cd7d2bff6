import assert from "node:assert/strict";
import { cp, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { atEnd } from "./atEnd";
import { root } from "./lab";
import { UserProject } from "./userProject";

let shared: Promise<UserProject> | undefined;

/** The packages of the examples, installed once for a test file. */
function installation(): Promise<UserProject> {
    shared ??= (async () => {
        const project = await UserProject.create({ "package.json": '{ "private": true }' });
        await project.install("@pulumi/pulumi", "@types/node", "ts-node", "typescript");
        return project;
    })();
    return shared;
}

/** An example, copied out of the clone. */
export interface Example {
    readonly project: UserProject;
    /** Runs those commands of the README that start with `npx harbor-build` or `pulumi`. */
    runReadme(): Promise<void>;
}

/**
 * Copies an example and installs the packed package in it; deletes both at the end of the test
 * file.
 */
export async function copyExample(
    name: string,
    environment: NodeJS.ProcessEnv = {},
): Promise<UserProject> {
    const project = (await installation()).below(name, environment);
    await cp(join(root, "examples", name), project.folder, { recursive: true });
    await symlink("../node_modules", join(project.folder, "node_modules"));
    return project;
}

/** Copies an example as {@link copyExample} does, to run the commands of its README. */
export async function openExample(
    name: string,
    environment: NodeJS.ProcessEnv = {},
): Promise<Example> {
    const project = await copyExample(name, environment);
    const readme = await readFile(join(project.folder, "README.md"), "utf8");
    const commands = [...readme.matchAll(/^\$ (.+)$/gm)].map(([, command = ""]) => command);
    assert.equal(commands.includes("npm install"), true, "README installs the packages");
    const execute = async (command: string): Promise<void> => {
        const { code, output } = await project.run(command.split(" "), {
            PULUMI_SKIP_CONFIRMATIONS: "true",
        });
        assert.equal(code, 0, `${command}\n${output}`);
    };
    return {
        project,
        async runReadme() {
            const ours = commands.filter((one) => /^(npx harbor-build|pulumi) /.test(one));
            for (const command of ours) {
                if (command === "pulumi up") {
                    atEnd(() => execute("pulumi destroy --skip-preview --non-interactive"));
                }
                await execute(command);
            }
        },
    };
}
