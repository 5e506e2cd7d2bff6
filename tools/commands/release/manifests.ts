/** A parsed package.json or package-lock.json. */
export type Manifest = Record<string, unknown>;

/** What a release writes into the manifests. */
export interface Release {
    readonly version: string;
    /** `https://github.com/OWNER/NAME`; undefined leaves the links out. */
    readonly repository: string | undefined;
}

const sdk = "@pulumi/harbor";

/** The package's manifest with the version, the same version of the SDK, and links to the repository. */
export function releasedPackage(manifest: Manifest, { version, repository }: Release): Manifest {
    const links =
        repository === undefined
            ? {}
            : {
                  repository: { type: "git", url: `git+${repository}.git` },
                  bugs: `${repository}/issues`,
                  homepage: `${repository}#readme`,
              };
    return { ...withSdk(manifest, version), version, ...links };
}

/** The lock file of that manifest. */
export function releasedLock(lock: Manifest, version: string): Manifest {
    const packages = lock["packages"] as Record<string, Manifest>; // npm's lock file, version 3
    return {
        ...lock,
        version,
        packages: {
            ...packages,
            "": { ...withSdk(packages[""] ?? {}, version), version },
            "sdks/harbor": { ...packages["sdks/harbor"], version },
        },
    };
}

/** An example's manifest, which names the package in its newest version. */
export function releasedExample(manifest: Manifest, version: string): Manifest {
    return {
        ...manifest,
        dependencies: { ...listed(manifest, "dependencies"), "harbor-build": version },
    };
}

function withSdk(manifest: Manifest, version: string): Manifest {
    return {
        ...manifest,
        devDependencies: { ...listed(manifest, "devDependencies"), [sdk]: version },
    };
}

const listed = (manifest: Manifest, kind: string): object => manifest[kind] ?? {};
