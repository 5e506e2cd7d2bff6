import { spawn } from "node:child_process";
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { stringify } from "yaml";
import { asRecord, asText } from "../text/lenientJson";
import { placeholder, publicPreviewVariable } from "../text/placeholder";
import { reasonOf } from "../text/reason";
import { CommandError } from "./finding";
import { withoutImageLogins } from "./imageLogins";
import { publicConfiguration } from "./publicConfiguration";
import { publicPassphrase, publicProvider } from "./publicPassphrase";
import { type CommandPlace, publicFormat, stateBytesMax, stateVersions } from "./publicState";
import { findProjectFile, parseProjectFile } from "./pulumiProject";

// Names become file names; Pulumi allows no others.
const safeName = /^(?!\.)[A-Za-z0-9_.-]{1,100}$/;

/**
 * `harbor-build public-preview` previews the program of a folder against a public state, in a backend of
 * its own that is deleted afterwards. `args` go to `pulumi preview`.
 */
export async function previewState(
    { folder, env }: Omit<CommandPlace, "print">,
    { file, args }: { readonly file: string; readonly args: readonly string[] },
): Promise<number> {
    const state = readPublicState(file);
    const project = projectOf(folder);
    if (project.name !== state.project) {
        throw new CommandError(
            file,
            `it is the state of the project "${state.project}". Expected "${project.name}", the name in ${project.fileName}.`,
            "use the file of this project.",
        );
    }
    const scratch = mkdtempSync(join(tmpdir(), "harbor-build-preview-"));
    try {
        const run = pulumiIn(scratch, env);
        const config = writeScratch(scratch, state, project);
        const own = join(scratch, "project");
        const quiet = { cwd: own, stdio: "quiet" } as const;
        await mustEndWell(run(["stack", "init", state.stack, "--no-select"], quiet));
        const imported = ["stack", "import", "--stack", state.stack, "--file"];
        await mustEndWell(run([...imported, join(scratch, "state.json")], quiet));
        const preview = ["preview", "--stack", state.stack, "--config-file", config];
        const { code } = await run([...preview, ...args], { cwd: folder, stdio: "inherit" });
        return code;
    } finally {
        rmSync(scratch, { recursive: true, force: true });
    }
}

interface CheckedState {
    readonly project: string;
    readonly stack: string;
    readonly state: unknown;
}

/** @throws CommandError for files that `public-state` did not write. */
function readPublicState(file: string): CheckedState {
    const wrong = (text: string) =>
        new CommandError(
            file,
            text,
            "write it with `npx harbor-build public-state`, in the same version.",
        );
    let content: unknown;
    try {
        if (statSync(file).size > stateBytesMax) throw new Error("it is too large");
        content = JSON.parse(readFileSync(file, "utf8"));
    } catch (cause) {
        throw wrong(`cannot be read (${reasonOf(cause)}).`);
    }
    const { format, project, stack, state } = asRecord(content);
    if (format !== publicFormat) {
        throw wrong(`its format is ${JSON.stringify(format)}. Expected "${publicFormat}".`);
    }
    if (!safeName.test(asText(project)) || !safeName.test(asText(stack))) {
        throw wrong("the name of its project or stack is not one of Pulumi's.");
    }
    const { version, deployment } = asRecord(state);
    if (!stateVersions.includes(version)) {
        throw wrong(
            `its state has version ${JSON.stringify(version)}. Expected ${stateVersions.join(" or ")}.`,
        );
    }
    const provider = asRecord(deployment)["secrets_providers"];
    if (JSON.stringify(provider) !== JSON.stringify(publicProvider)) {
        throw wrong("its secrets provider is not that of public states.");
    }
    return { project: asText(project), stack: asText(stack), state };
}

interface Project {
    readonly name: string;
    readonly fileName: string;
    /** Folder of the stacks' configuration. */
    readonly configFolder: string;
}

function projectOf(start: string): Project {
    const { folder, fileName, text } = findProjectFile(start);
    const { name, stackConfigDir } = asRecord(parseProjectFile(fileName, text).toJS());
    return { name: asText(name), fileName, configFolder: join(folder, asText(stackConfigDir)) };
}

/** Writes what Pulumi reads; returns the path of the stack's configuration. */
function writeScratch(
    scratch: string,
    { project, stack, state }: CheckedState,
    { configFolder }: Project,
): string {
    const own = join(scratch, "project");
    mkdirSync(join(scratch, "backend"));
    mkdirSync(own);
    writeFileSync(join(scratch, "state.json"), JSON.stringify(withoutImageLogins(state)));
    // `stack init` must not write into the checkout, and must not read a passphrase from it.
    writeFileSync(join(own, "Pulumi.yaml"), stringify({ name: project, runtime: "nodejs" }));
    const config = join(own, `Pulumi.${stack}.yaml`);
    const given = ["yaml", "yml", "json"]
        .map((suffix) => join(configFolder, `Pulumi.${stack}.${suffix}`))
        .find((path) => existsSync(path));
    const text = given === undefined ? "" : readFileSync(given, "utf8");
    writeFileSync(config, publicConfiguration(basename(given ?? config), text));
    return config;
}

interface Ended {
    readonly code: number;
    readonly output: string;
}

/** Runs Pulumi with the backend in `scratch` and without the login of any other. */
function pulumiIn(scratch: string, given: NodeJS.ProcessEnv) {
    const {
        PULUMI_ACCESS_TOKEN: _token,
        PULUMI_CONFIG_PASSPHRASE_FILE: _file,
        PULUMI_STACK: _stack,
        ...others
    } = given;
    const env = {
        ...others,
        PULUMI_BACKEND_URL: `file://${join(scratch, "backend")}`,
        PULUMI_CONFIG_PASSPHRASE: publicPassphrase,
        [publicPreviewVariable]: "true",
        // A user name in the configuration needs a password.
        HARBOR_PASSWORD: given["HARBOR_PASSWORD"] || placeholder,
    };
    return (
        args: readonly string[],
        { cwd, stdio }: { readonly cwd: string; readonly stdio: "quiet" | "inherit" },
    ): Promise<Ended> =>
        new Promise((resolve, reject) => {
            const quiet = stdio === "quiet";
            const child = spawn("pulumi", [...args, "--non-interactive"], {
                cwd,
                env,
                stdio: quiet ? ["ignore", "pipe", "pipe"] : "inherit",
            });
            let output = "";
            for (const stream of [child.stdout, child.stderr]) {
                stream?.setEncoding("utf8").on("data", (text: string) => {
                    output += text;
                });
            }
            // Pulumi gets Ctrl-C too and ends by itself; the scratch folder is deleted afterwards.
            const ignore = () => undefined;
            const stop = () => child.kill("SIGTERM");
            process.on("SIGINT", ignore).on("SIGTERM", stop);
            child.once("error", () =>
                reject(new CommandError("pulumi", "not found in PATH.", "install Pulumi.")),
            );
            child.once("close", (code) => {
                process.off("SIGINT", ignore).off("SIGTERM", stop);
                resolve({ code: code ?? 1, output });
            });
        });
}

async function mustEndWell(ended: Promise<Ended>): Promise<void> {
    const { code, output } = await ended;
    if (code === 0) return;
    throw new CommandError(
        "public state",
        `Pulumi cannot import it:\n${output.trim()}\n`,
        "write it again with `npx harbor-build public-state`, with the version of Pulumi that the pull request uses, or an older one; the file may have been changed.",
    );
}
