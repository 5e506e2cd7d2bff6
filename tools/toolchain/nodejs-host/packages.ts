import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { PackageDependency, PackageParameterization } from "@pulumi/pulumi/proto/plugin_pb";

/** The members of a package.json that this host reads. */
export interface PackageJson {
    readonly name?: string;
    readonly version?: string;
    readonly pulumi?: {
        readonly resource?: boolean;
        readonly name?: string;
        readonly version?: string;
        readonly server?: string;
        readonly parameterization?: Parameterization;
        readonly extensionParameterization?: Parameterization;
    };
}

interface Parameterization {
    readonly name?: string;
    readonly version?: string;
    /** Base64. */
    readonly value?: string;
}

/** An installed package and the folder it is in. */
export interface InstalledPackage {
    readonly folder: string;
    readonly json: PackageJson;
}

/**
 * The packages in every `node_modules` below a program, including nested ones. Skips folders whose
 * names start with a dot: they contain no program and may be large (git's data, a build's state).
 */
export function installedPackages(programDirectory: string): InstalledPackage[] {
    const found: InstalledPackage[] = [];
    const visited = new Set<string>();
    const visit = (folder: string, read: (name: string, path: string) => void) => {
        const real = realpathSync(folder);
        if (visited.has(real)) {
            return;
        }
        visited.add(real);
        for (const name of readdirSync(real)) {
            const path = join(real, name);
            if (!name.startsWith(".") && isFolder(path)) {
                read(name, path);
            }
        }
    };
    const inSources = (name: string, path: string): void =>
        visit(path, name === "node_modules" ? inModules : inSources);
    const inModules = (name: string, path: string): void => {
        if (name.startsWith("@")) {
            visit(path, inModules);
            return;
        }
        const json = readPackageJson(path);
        if (json !== undefined) {
            found.push({ folder: path, json });
        }
        const nested = join(path, "node_modules");
        if (isFolder(nested)) {
            visit(nested, inModules);
        }
    };
    visit(programDirectory, inSources);
    return found;
}

/** The plugin that a package needs, or undefined. */
export function requiredPlugin({ json }: InstalledPackage): PackageDependency | undefined {
    const { pulumi } = json;
    const name = pulumi?.name || scopedName(json.name);
    const version = pulumi?.version || json.version;
    if (pulumi?.resource !== true || !name || !version) {
        return undefined;
    }
    const dependency = new PackageDependency()
        .setName(name)
        .setKind("resource")
        .setVersion(version.startsWith("v") ? version : `v${version}`)
        .setServer(pulumi.server ?? "");
    dependency.setParameterization(parameterization(pulumi.parameterization));
    dependency.setExtension$(parameterization(pulumi.extensionParameterization));
    return dependency;
}

/** The message for packages that bring incompatible SDKs, or undefined. */
export function sdkConflict(packages: readonly InstalledPackage[]): string | undefined {
    const sdks = packages.filter(({ json }) => json.name === "@pulumi/pulumi");
    const major = (json: PackageJson) => json.version?.split(".")[0];
    const first = sdks[0];
    const other = sdks.find(({ json }) => first !== undefined && major(json) !== major(first.json));
    if (first === undefined || other === undefined) {
        return undefined;
    }
    return (
        "Found incompatible versions of @pulumi/pulumi. " +
        "Differing major versions are not supported.\n" +
        `  Version ${first.json.version} referenced at ${first.folder}\n` +
        `  Version ${other.json.version} referenced at ${other.folder}\n`
    );
}

/** The package.json of a folder; undefined when it is missing or unreadable. */
export function readPackageJson(folder: string): PackageJson | undefined {
    try {
        const parsed: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
        // This host reads only members that every published package writes the same way.
        return typeof parsed === "object" && parsed !== null ? (parsed as PackageJson) : undefined;
    } catch {
        return undefined;
    }
}

/** The plugin's name for packages in Pulumi's scope; packages in other scopes must name their plugin. */
function scopedName(name: string | undefined): string | undefined {
    return name?.startsWith("@pulumi/") ? name.slice("@pulumi/".length) : undefined;
}

function parameterization(given: Parameterization | undefined) {
    return given === undefined
        ? undefined
        : new PackageParameterization()
              .setName(given.name ?? "")
              .setVersion(given.version ?? "")
              .setValue(given.value ?? "");
}

function isFolder(path: string): boolean {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
