import { glob, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { captureChild } from "../child";
import { Problem } from "../problem";
import { type Change, changelogPart, nextVersion, parseChange } from "./changes";
import { copyClone } from "./copy";
import {
    type Manifest,
    type Release,
    releasedExample,
    releasedLock,
    releasedPackage,
} from "./manifests";
import { writePluginArchives } from "./plugin";

const root = resolve(__dirname, "..", "..", "..");
/** Folder for the archives of a release. */
const products = join(root, ".harbor-build", "release");
const changelogHead = "# Changelog\n";

/**
 * `npm run release` raises the version of the package, the provider and the SDK together, moves the
 * changesets into CHANGELOG.md, and packs everything that a release publishes. It publishes
 * nothing. With `--dry-run` all of this happens in a copy, and the clone stays unchanged.
 */
export async function release(args: readonly string[]): Promise<number> {
    const isDryRun = args.includes("--dry-run");
    const repository = optionOf(args, "--repository") ?? (await originOnGitHub());
    if (repository === undefined && !isDryRun) {
        throw new Problem(
            "--repository: missing. Expected https://github.com/OWNER/NAME, which the package's links and the plugin's download name",
        );
    }
    const folder = isDryRun ? await copyClone(root) : root;
    try {
        await releaseIn(folder, { repository, version: optionOf(args, "--version") });
    } finally {
        if (isDryRun) await rm(folder, { recursive: true, force: true });
    }
    console.log(isDryRun ? "dry run: the clone is unchanged" : nextSteps);
    return 0;
}

const nextSteps =
    "next: review and commit, tag vVERSION, publish the npm tarball, attach the plugin's archives to the release";

async function releaseIn(
    folder: string,
    wish: { readonly repository: string | undefined; readonly version: string | undefined },
): Promise<void> {
    const files = (await readdir(join(folder, ".changeset"))).sort();
    const changes: Change[] = [];
    for (const file of files) {
        changes.push(parseChange(file, await readFile(join(folder, ".changeset", file), "utf8")));
    }
    const before = String((await readManifest(join(folder, "package.json")))["version"]);
    if (changes.length === 0) throw new Problem(`.changeset: no change since ${before}`);
    const version = wish.version ?? nextVersion(before, changes);
    const { repository } = wish;
    await writeVersions(folder, { version, repository });
    const part = changelogPart(version, new Date().toISOString().slice(0, 10), changes);
    await writeChangelog(folder, part);
    for (const file of files) await rm(join(folder, ".changeset", file));
    for (const command of ["generate", "build"]) {
        await succeed(
            folder,
            process.execPath,
            "--import",
            "tsx",
            "tools/commands/main.ts",
            command,
        );
    }
    console.log(
        `version ${before} → ${version}\nrepository ${repository ?? "not given"}\n\n${part}`,
    );
    await printVersions(folder, version);
    for (const name of await pack(folder, version)) {
        const { size } = await stat(join(products, name));
        console.log(`${(size / 1024).toFixed(0).padStart(6)} KiB  .harbor-build/release/${name}`);
    }
}

/**
 * Writes the version into every manifest; `npm run generate` then writes the schema and the SDK.
 */
async function writeVersions(folder: string, released: Release): Promise<void> {
    const { version } = released;
    await edit(join(folder, "package.json"), (given) => releasedPackage(given, released));
    await edit(join(folder, "package-lock.json"), (given) => releasedLock(given, version));
    for await (const path of glob("examples/*/package.json", { cwd: folder })) {
        await edit(join(folder, path), (given) => releasedExample(given, version));
    }
}

async function writeChangelog(folder: string, part: string): Promise<void> {
    const file = join(folder, "CHANGELOG.md");
    const held = await readFile(file, "utf8").catch(() => changelogHead);
    await writeFile(
        file,
        held.replace(changelogHead, () => `${changelogHead}\n${part}`),
    );
}

/** Prints the version that each product has. @throws Problem when they differ. */
async function printVersions(folder: string, version: string): Promise<void> {
    const versionIn = async (path: string) => (await readManifest(join(folder, path)))["version"];
    const plugin = join(folder, "dist/plugin/pulumi-resource-harbor");
    const versions = {
        package: await versionIn("package.json"),
        "provider's schema": await versionIn("src/provider/schema.json"),
        "provider's plugin": (await succeed(folder, plugin, "--version")).trim(),
        "SDK @pulumi/harbor": await versionIn("sdks/harbor/package.json"),
    };
    for (const [name, found] of Object.entries(versions)) console.log(`${name}: ${found}`);
    if (Object.values(versions).some((found) => found !== version)) {
        throw new Problem(`expected version ${version} everywhere`);
    }
}

/** Packs what a release publishes. */
async function pack(folder: string, version: string): Promise<readonly string[]> {
    await rm(products, { recursive: true, force: true });
    await mkdir(products, { recursive: true });
    for (const path of [folder, join(folder, "sdks/harbor")]) {
        await succeed(path, "npm", "pack", "--ignore-scripts", "--pack-destination", products);
    }
    const plugin = join(folder, "dist/plugin/pulumi-resource-harbor");
    await writePluginArchives(plugin, version, products);
    return (await readdir(products)).sort();
}

async function originOnGitHub(): Promise<string | undefined> {
    const { stdout } = await captureChild("git", ["remote", "get-url", "origin"], { cwd: root });
    const name = /github\.com[:/]([^/]+\/.+?)(\.git)?\s*$/.exec(stdout)?.[1];
    return name === undefined ? undefined : `https://github.com/${name}`;
}

function optionOf(args: readonly string[], option: string): string | undefined {
    return args.find((arg) => arg.startsWith(`${option}=`))?.slice(option.length + 1);
}

async function readManifest(path: string): Promise<Manifest> {
    return JSON.parse(await readFile(path, "utf8"));
}

async function edit(path: string, change: (given: Manifest) => Manifest): Promise<void> {
    const changed = change(await readManifest(path));
    await writeFile(path, `${JSON.stringify(changed, undefined, 4)}\n`);
}

async function succeed(cwd: string, program: string, ...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await captureChild(program, args, { cwd });
    if (code !== 0)
        throw new Problem(`${[program, ...args].join(" ")} failed:\n${stdout}${stderr}`);
    return stdout;
}
