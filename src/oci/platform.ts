/** A platform, spelled as BuildKit spells it. */
export interface Platform {
    readonly os: string;
    readonly osVersion: string;
    /**
     * Undefined when only the operating system is named: BuildKit then uses its own architecture.
     */
    readonly architecture: string | undefined;
    readonly variant: string;
}

const systems = new Set(
    (
        "aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 " +
        "solaris windows zos"
    ).split(" "),
);
const architectures = new Set(
    (
        "386 amd64 amd64p32 arm armbe arm64 arm64be ppc64 ppc64le loong64 mips mipsle mips64 " +
        "mips64le mips64p32 mips64p32le ppc riscv riscv64 s390 s390x sparc sparc64 wasm"
    ).split(" "),
);

const systemPattern = /^([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.%-]*)((?:\+[A-Za-z0-9_.%-]+)*)\))?$/;

/**
 * Reads `os[(version)][/architecture[/variant]]`, or an architecture alone, as containerd's
 * platforms 1.0 does (platforms.go, database.go). Undefined for what is not a platform.
 */
export function parsePlatform(text: string): Platform | undefined {
    const [system = "", architecture, variant, ...more] = text.split("/");
    const [, os = "", version = ""] = systemPattern.exec(system) ?? [];
    const parts = [architecture, variant].filter((part) => part !== undefined);
    if (os === "" || more.length > 0 || !parts.every((part) => /^[A-Za-z0-9_.-]+$/.test(part))) {
        return undefined;
    }
    const osVersion = version.includes("%") ? decodeVersion(version) : version;
    if (osVersion === undefined) return undefined;
    const name = os.toLowerCase() === "macos" ? "darwin" : os.toLowerCase();
    if (architecture !== undefined) {
        return { os: name, osVersion, ...normalArchitecture(architecture, variant ?? "") };
    }
    if (systems.has(name)) return { os: name, osVersion, architecture: undefined, variant: "" };
    const alone = normalArchitecture(system, "");
    return architectures.has(alone.architecture) ? { os: "linux", osVersion, ...alone } : undefined;
}

/** The platform as one text: `linux/arm/v7`. */
export function formatPlatform({ os, osVersion, architecture, variant }: Platform): string {
    const system = osVersion === "" ? os : `${os}(${osVersion})`;
    return [system, architecture, variant]
        .filter((part) => part !== undefined && part !== "")
        .join("/");
}

/** A platform in BuildKit's spelling; text that is not a platform stays. */
export function normalizePlatform(text: string): string {
    const platform = parsePlatform(text);
    return platform === undefined ? text : formatPlatform(platform);
}

/** A platform in names and tags: `linux-arm64`. */
export function platformSuffix(platform: string | undefined): string {
    return (platform ?? "").replaceAll("/", "-");
}

const architectureNames: Readonly<Record<string, string>> = {
    i386: "386",
    x86_64: "amd64",
    "x86-64": "amd64",
    aarch64: "arm64",
    armhf: "arm",
    armel: "arm",
};

function normalArchitecture(written: string, writtenVariant: string) {
    const given = written.toLowerCase();
    const architecture = architectureNames[given] ?? given;
    const variant = writtenVariant.toLowerCase();
    switch (given) {
        case "armhf":
            return { architecture, variant: "v7" };
        case "armel":
            return { architecture, variant: "v6" };
        case "i386":
            return { architecture, variant: "" };
        default:
            return { architecture, variant: normalVariant(architecture, variant) };
    }
}

function normalVariant(architecture: string, variant: string): string {
    switch (architecture) {
        case "amd64":
            return variant === "v1" ? "" : variant;
        case "arm64":
            if (["8", "v8", "v8.0"].includes(variant)) return "";
            return ["9", "9.0", "v9.0"].includes(variant) ? "v9" : variant;
        case "arm":
            if (variant === "" || variant === "7") return "v7";
            return ["5", "6", "8"].includes(variant) ? `v${variant}` : variant;
        default:
            return variant;
    }
}

function decodeVersion(version: string): string | undefined {
    try {
        return decodeURIComponent(version);
    } catch {
        return undefined;
    }
}
