import { existsSync } from "node:fs";
import { join } from "node:path";
import { asRecords, tryParse } from "../text/lenientJson";
import { runProgram } from "./command";
import { type Finding, fault, good, note } from "./finding";
import { findDependency, findOwnPackage, findPackage, peerRange } from "./installation";
import { addCommand } from "./packageManager";
import { type PulumiProject, usesTypeScript } from "./pulumiProject";
import { isWithin, pulumiMinimum, reaches } from "./version";

/** Node.js sends requests through `HTTPS_PROXY` from these versions on; harbor-build asks for it. */
const proxyMinimums = { 22: "22.21.0", 24: "24.5.0" } as const;

/** TypeScript as an argument of a package manager: Pulumi's SDK does not work with version 7. */
const typeScript = '"typescript@<7"';

/** Checks the Node.js that runs the program. Too old ones never get here. */
export function checkNode(env: NodeJS.ProcessEnv, version = process.versions.node): Finding {
    const minimum = version.startsWith("22.") ? proxyMinimums[22] : proxyMinimums[24];
    const hasProxy = Boolean(env["HTTPS_PROXY"] || env["https_proxy"]);
    if (hasProxy && !reaches(version, minimum)) {
        return note(
            "Node.js",
            `${version} ignores HTTPS_PROXY. Expected ${minimum} or newer.`,
            "install a newer Node.js when Harbor is behind the proxy.",
        );
    }
    return good("Node.js", version);
}

/** Checks Pulumi's command line. */
export async function checkPulumi(cwd: string, env: NodeJS.ProcessEnv): Promise<Finding> {
    const ended = await runProgram("pulumi", ["version"], { cwd, env });
    const fix = "install a current Pulumi, https://www.pulumi.com/docs/install.";
    if (ended === undefined) return fault("pulumi", "not found in PATH.", fix);
    const version = ended.stdout.trim().replace(/^v/, "");
    return reaches(version, pulumiMinimum)
        ? good("pulumi", version)
        : fault("pulumi", `${version} is too old. Expected ${pulumiMinimum} or newer.`, fix);
}

/** Checks the packages that the program loads. @throws CommandError without harbor-build */
export function checkPackages(project: PulumiProject): readonly Finding[] {
    const own = findOwnPackage(project);
    const { programFolder } = project;
    const add = addCommand([programFolder, project.folder]);
    return [
        good("harbor-build", own.version),
        checkSdk(programFolder, own.folder, add),
        ...(usesTypeScript(project) ? checkTypeScript(programFolder, add) : []),
    ];
}

function checkSdk(programFolder: string, ownFolder: string, add: string): Finding {
    const sdk = "@pulumi/pulumi";
    const found = findPackage(sdk, programFolder);
    if (found === undefined) return fault(sdk, "not installed.", `run \`${add} ${sdk}\`.`);
    const program = findDependency(sdk, programFolder) ?? found;
    const others = [ownFolder, findDependency("@pulumi/docker-build", ownFolder)?.folder]
        .flatMap((folder) => (folder === undefined ? [] : [findDependency(sdk, folder)]))
        .filter((copy) => copy !== undefined && copy.folder !== program.folder);
    const [other] = others;
    if (other !== undefined) {
        const isNewer = reaches(program.version, other.version);
        const newest = isNewer ? program.version : other.version;
        return fault(
            sdk,
            `two copies, ${program.version} for the program and ${other.version} in ${other.folder}. Expected one, because resources from one copy do not work with the other.`,
            `if package.json names an exact version, give it a range (\`${add} ${sdk}@^${newest}\`); else remove the lock file's second entry (\`npm dedupe\`, \`pnpm dedupe\`, \`yarn dedupe\`).`,
        );
    }
    return reaches(program.version, pulumiMinimum)
        ? good(sdk, program.version)
        : fault(
              sdk,
              `${program.version} is too old. Expected ${pulumiMinimum} or newer.`,
              `run \`${add} ${sdk}@latest\`.`,
          );
}

/** Pulumi loads TypeScript also for a program in JavaScript, which works with Pulumi's built-in one. */
function checkTypeScript(programFolder: string, add: string): readonly Finding[] {
    const missing = ["typescript", "ts-node"].filter(
        (name) => findPackage(name, programFolder) === undefined,
    );
    const isTypeScript = ["tsconfig.json", "index.ts"].some((name) =>
        existsSync(join(programFolder, name)),
    );
    if (missing.length > 0 && isTypeScript) {
        return [
            fault(
                missing.join(", "),
                "not installed. Pulumi then compiles with its built-in TypeScript 3.8, which cannot read current types.",
                `run \`${add} ${missing.map((name) => (name === "typescript" ? typeScript : name)).join(" ")}\`.`,
            ),
        ];
    }
    if (missing.includes("typescript")) return [];
    const version = findPackage("typescript", programFolder)?.version ?? "";
    const sdk = findPackage("@pulumi/pulumi", programFolder);
    const range = sdk === undefined ? "" : peerRange(sdk, "typescript");
    return [
        isWithin(version, range)
            ? good("typescript", version)
            : fault(
                  "typescript",
                  `${version} does not work with @pulumi/pulumi ${sdk?.version}: every run fails. Expected ${range}.`,
                  `run \`${add} ${typeScript}\`.`,
              ),
    ];
}

/** Checks the plugin of docker-build, which Pulumi downloads when it is missing. */
export async function checkPlugin(
    { folder }: PulumiProject,
    ownFolder: string,
    env: NodeJS.ProcessEnv,
): Promise<Finding> {
    const subject = "plugin docker-build";
    const version = findDependency("@pulumi/docker-build", ownFolder)?.version ?? "";
    const ended = await runProgram("pulumi", ["plugin", "ls", "--json"], { cwd: folder, env });
    const plugins = ended?.isGood ? tryParse(ended.stdout) : [];
    if (plugins === undefined) {
        return note(
            subject,
            "not checked, because `pulumi plugin ls --json` printed no JSON.",
            "run `pulumi plugin ls --json`; a wrapper of Pulumi may print other text.",
        );
    }
    const isInstalled = asRecords(plugins).some(
        (one) => one["name"] === "docker-build" && one["version"] === version,
    );
    return isInstalled
        ? good(subject, version)
        : note(
              subject,
              `${version} is not installed. Pulumi downloads it with the next \`pulumi up\`.`,
              `without access to the download, run \`pulumi plugin install resource docker-build ${version} --file ARCHIVE\`.`,
          );
}
