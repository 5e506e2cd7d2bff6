import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { reasonOf } from "../text/reason";
import { CommandError, describeFinding, type Finding, fault, good, note } from "./finding";
import { upwards } from "./folders";
import { withIgnoredFolder } from "./gitIgnore";
import { findOwnPackage } from "./installation";
import { withPlugin } from "./pluginEntry";
import { withIgnoredBuilds } from "./pnpmBuilds";
import { findProject, type PulumiProject, projectPath } from "./pulumiProject";

/** A file as it must be. */
interface PlannedFile {
    readonly path: string;
    readonly before: string;
    readonly after: string;
    /** What the file has afterwards. */
    readonly what: string;
    /** Whether `pulumi up` needs the change. */
    readonly isNeeded: boolean;
}

/** The files of a project that `init` changes. @throws CommandError when it cannot */
function planFiles(project: PulumiProject): readonly PlannedFile[] {
    const plugin = projectPath(project, join(findOwnPackage(project).folder, "dist", "plugin"));
    const ignoreFile = join(project.folder, ".gitignore");
    const ignored = textOf(ignoreFile);
    return [
        {
            path: join(project.folder, project.fileName),
            before: project.text,
            after: withPlugin(project.fileName, project.text, plugin),
            what: `the path of the Harbor provider (${plugin})`,
            isNeeded: true,
        },
        {
            path: ignoreFile,
            before: ignored,
            after: withIgnoredFolder(ignored),
            what: "the folder of generated files (.harbor-build/)",
            isNeeded: false,
        },
        ...planPnpm(project),
    ];
}

/** The workspace file of pnpm, next to its lock file. */
function planPnpm({ programFolder }: PulumiProject): readonly PlannedFile[] {
    const folder = upwards(programFolder).find((one) => existsSync(join(one, "pnpm-lock.yaml")));
    if (folder === undefined) return [];
    const path = join(folder, "pnpm-workspace.yaml");
    const before = textOf(path);
    const what = "the build scripts that pnpm need not run (allowBuilds)";
    return [{ path, before, after: withIgnoredBuilds(before), what, isNeeded: false }];
}

const textOf = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "");

/** What `init` would change in a project. */
export function checkSetUp(project: PulumiProject): readonly Finding[] {
    return planFiles(project).map(({ path, before, after, what, isNeeded }) => {
        const name = relative(project.folder, path);
        if (before === after) return good(name, `has ${what}`);
        const report = isNeeded ? fault : note;
        return report(name, `lacks ${what}.`, "run `npx harbor-build init`.");
    });
}

/**
 * `harbor-build init` prepares the Pulumi project of a folder: it names the Harbor provider's plugin in
 * the project file, lets git ignore generated files, and decides about build scripts for pnpm. A second
 * run changes nothing.
 */
export function init(
    folder: string,
    env: NodeJS.ProcessEnv,
    print: (line: string) => void,
): number {
    const project = findProject(folder);
    for (const { path, before, after, what } of planFiles(project)) {
        const name = relative(project.folder, path);
        if (before !== after) write(path, after);
        print(describeFinding(good(name, before === after ? `has ${what}` : `added ${what}`)));
    }
    print(`\nNext:\n${nextSteps(project, env).join("\n")}`);
    print(`\n${optional}`);
    return 0;
}

/** `harbor-build init --check` reports what `init` would change, and changes nothing. */
export function checkInit(folder: string, print: (line: string) => void): number {
    const findings = checkSetUp(findProject(folder));
    for (const finding of findings) print(describeFinding(finding));
    return findings.every(({ state }) => state === "good") ? 0 : 1;
}

/** From docs/bench.md. */
const optional =
    "Optional: cache: { carryMounts: true } keeps the content of cache mounts in the registry. With it, " +
    "new runners built a changed Go program in 15 to 35 % of the time.";

function write(path: string, text: string): void {
    try {
        writeFileSync(path, text);
    } catch (cause) {
        const reason = reasonOf(cause);
        throw new CommandError(path, `cannot be written (${reason}).`, "allow writing this file.");
    }
}

function nextSteps({ folder }: PulumiProject, env: NodeJS.ProcessEnv): readonly string[] {
    const isConfigured = readdirSync(folder)
        .filter((name) => /^Pulumi\..+\.ya?ml$/.test(name))
        .some((name) => readFileSync(join(folder, name), "utf8").includes("harbor:url"));
    const configuration = [
        "pulumi config set harbor:url https://harbor.example.com",
        "pulumi config set harbor:username NAME",
        "pulumi config set harbor:password --secret",
    ];
    const steps = [
        ...(env["HARBOR_URL"] || isConfigured ? [] : configuration),
        "npx harbor-build doctor",
        "pulumi up",
    ];
    return steps.map((step) => `  ${step}`);
}
