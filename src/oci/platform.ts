/**
 * A platform with BuildKit's spelling: `linux/arm/v7` for `linux/arm`, `linux/arm64` for
 * `linux/arm64/v8` and `linux/aarch64`. Mirrors normalizeOS and normalizeArch of containerd/platforms
 * 1.0.0-rc.4, database.go.
 */
export function normalizePlatform(platform: string): string {
    const [os = "", architecture, variant = "", ...rest] = platform.toLowerCase().split("/");
    if (architecture === undefined) {
        // BuildKit completes a single part with the platform of its machine.
        return os;
    }
    const parts = [os === "macos" ? "darwin" : os, ...normalizeArchitecture(architecture, variant)];
    return [...parts, ...rest].filter((part) => part !== "").join("/");
}

function normalizeArchitecture(architecture: string, variant: string): readonly string[] {
    switch (architecture) {
        case "i386":
            return ["386"];
        case "x86_64":
        case "x86-64":
        case "amd64":
            return ["amd64", variant === "v1" ? "" : variant];
        case "aarch64":
        case "arm64":
            return ["arm64", arm64Variants[variant] ?? variant];
        case "armhf":
            return ["arm", "v7"];
        case "armel":
            return ["arm", "v6"];
        case "arm":
            return ["arm", /^[5678]$/.test(variant) ? `v${variant}` : variant || "v7"];
        default:
            return [architecture, variant];
    }
}

const arm64Variants: Readonly<Record<string, string>> = {
    "8": "",
    v8: "",
    "v8.0": "",
    "9": "v9",
    "9.0": "v9",
    "v9.0": "v9",
};

/** A platform in names and tags: `linux-arm64`. */
export function platformSuffix(platform: string | undefined): string {
    return (platform ?? "").replaceAll("/", "-");
}
