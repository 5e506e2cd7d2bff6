import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { CachedImageArgs } from "../../../src/image/args";
import type { ImageProjectArgs } from "../../../src/project/args";
import { writeFolder } from "../../support/tinyProject";

/** Unusable values of the right type; or why every value of the type is usable, or who checks it. */
export type BadValues = Readonly<Record<string, readonly unknown[] | string>>;

/** Arguments that are unusable together, with the path of the message. */
export type BadTogether<Args> = readonly (readonly [path: string, args: Partial<Args>])[];

export const folder = writeFolder({
    Dockerfile: "FROM alpine AS build\nRUN make\nFROM alpine\nCOPY --from=build /x /x\nCOPY a /a\n",
    a: "a",
    "broken.json": "{",
    "other.json": '{"name":"shop"}',
    "sbom.json": '{"spdxVersion":"SPDX-2.3"}',
});

const long = "x".repeat(300);
const login = { username: "ci", password: "x" };

export const image: {
    readonly base: CachedImageArgs;
    /** Arguments that the values of an object's other leaves need. */
    readonly siblings: Readonly<Record<string, Partial<CachedImageArgs>>>;
    readonly values: BadValues;
    readonly together: BadTogether<CachedImageArgs>;
} = {
    base: { project: { name: "shop" }, context: folder },
    siblings: {
        credentials: { credentials: login },
        "project.credentials": { project: { name: "shop", credentials: login } },
        "exports[]": { exports: [{ type: "oci" }] },
    },
    values: {
        "project.name": ["", "Shop", "a b", "a/b", "-a", long],
        "project.import": "the Harbor provider checks the id",
        "project.storageQuota": "the Harbor provider checks the quota",
        "project.credentials.username": ["", "robot$other+ci"],
        "project.credentials.password": "a preview without secrets has an empty password",
        "project.cache.project": ["", "Shop"],
        image: ["", "A", "a b", "a//b", "a/", "cache", "a/cache", long],
        "tags[]": ["", "a b", "-x", "a/b", "a:b", "x".repeat(129)],
        "platforms[]": ["", "linux", "linux/amd46", "windows/amd64/x"],
        builder: ["", "a b", "-x", "x/y"],
        "platformBuilders{}": "see the cases of two arguments: the key is a platform",
        target: ["", "biuld", "7"],
        context: ["", "absent", join(folder, "a"), "a\0b"],
        dockerfile: ["", "absent", folder, "a\0b"],
        dockerfileInline: ["", "# only a comment", "RUNN make", "FROM", "FROM a\nCOPY absent /"],
        "builderStages[]": ["", "absent"],
        "buildArgs{}": "any text is a value of an ARG",
        "secrets{}": "any text is a secret",
        "ssh[].id": "an id that no RUN names is not passed on",
        "ssh[].paths[]": "docker-build reports a missing socket",
        "namedContexts{}": ["", "absent", "docker-image://", "docker-image://Lib"],
        "labels{}": "any text is the value of a label",
        "buildLabels{}": "any text is the value of a label",
        "exports[].dest": ["", "a,b", 'a"b', "a.tar"],
        "extraHosts[]": ["", "db", "db:", ":10.0.0.1", "db:10.0.0", "db=db.example.com"],
        "baseImageMirrors{}": "see the cases of two arguments: the key is a host",
        "contextLimits.filesMax": [-1, Number.NaN],
        "contextLimits.bytesMax": [-1, Number.NaN],
        "cacheMounts{}[]": ["", "cache", "/", "/a/../b", "/a b", "/$x"],
        "cache.project": ["", "Shop"],
        "cache.repository": ["", "A", "a//b"],
        "cache.mountBytesMax": [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY],
        "cache.scope": [""],
        "cache.fallbackScopes[]": [""],
        "cache.fallbackProject": ["", "Main"],
        "cache.sources[]": ["", "h.example.com/Shop/fm:1", "type=registry,ref=a"],
        "cache.publicKeys[]": ["", "a key"],
        registry: ["", "https://h.example.com", "a b", "h.example.com/x", "ci@h.example.com"],
        "credentials.username": ["", "robot$other+ci"],
        "credentials.password": "a preview without secrets has an empty password",
        "sign.key": "signing/key.ts reads the key once it is known",
        "sign.password": "signing/key.ts reads the key once it is known",
        "sign.signer.publicKey": "signing/key.ts reads the key once it is known",
        "sign.signer.sign": "the check of a signature finds a wrong function",
        sbom: ["", "absent.json", folder, join(folder, "broken.json"), join(folder, "other.json")],
        robotDays: [0, -2, 1.5, Number.NaN],
    },
    together: [
        ["project.import", { project: { name: "shop", existing: true, import: "/projects/7" } }],
        ["tags", { tags: [] }],
        ["tags[1]", { tags: ["1", "1"] }],
        ["tags[0]", { tags: ["a".repeat(117)], platforms: ["linux/arm64", "linux/amd64"] }],
        ["tags[0]", { tags: ["cache.1"], cache: { repository: "shop/fm" }, image: "fm" }],
        ["platforms", { platforms: [] }],
        ["platforms[1]", { platforms: ["linux/arm64", "linux/arm64/v8"] }],
        [
            "platforms",
            {
                project: { name: "shop", contentTrust: true },
                platforms: ["linux/arm64", "linux/amd64"],
            },
        ],
        [
            'platformBuilders["linux/arm64"]',
            { platforms: ["linux/amd64"], platformBuilders: { "linux/arm64": "arm" } },
        ],
        [
            'platformBuilders["linux/amd64"]',
            { platforms: ["linux/amd64"], platformBuilders: { "linux/amd64": "a b" } },
        ],
        ["dockerfile", { context: "https://git.example.com/shop.git", dockerfile: "Dockerfile" }],
        ["dockerfileInline", { dockerfile: "Dockerfile", dockerfileInline: "FROM alpine" }],
        ["ssh[1]", { ssh: [{}, { id: "default" }] }],
        ['buildLabels["a"]', { labels: { a: "1" }, buildLabels: { a: "2" } }],
        ["exports[0].dest", { exports: [{ type: "docker", dest: "x" }] }],
        ["exports[0].dest", { exports: [{ type: "local" }] }],
        ["exports[1]", { exports: [{ type: "docker" }, { type: "docker" }] }],
        ["exports", { exports: [{ type: "docker" }], platforms: ["linux/arm64", "linux/amd64"] }],
        ['baseImageMirrors[""]', { baseImageMirrors: { "": "h.example.com" } }],
        [
            'baseImageMirrors["https://docker.io"]',
            { baseImageMirrors: { "https://docker.io": "h.example.com" } },
        ],
        ...["", "https://h.example.com", "h.example.com/A B"].map(
            (mirror) =>
                [
                    'baseImageMirrors["docker.io"]',
                    { baseImageMirrors: { "docker.io": mirror } },
                ] as const,
        ),
        ["cacheMounts.absent", { cacheMounts: { absent: ["/a"] } }],
        ["cacheMounts.build[1]", { cacheMounts: { build: ["/a", "/a"] } }],
        ["cache.repository", { cache: { repository: "shop/x" } }],
        [
            "cache.repository",
            { cache: { repository: "shop/x", project: "other" }, credentials: login },
        ],
        ["cache.repository", { registry: "docker.io", credentials: login }],
        ["cache.fallbackProject", { cache: { fallbackProject: "main" } }],
        ["cache.fallbackScopes[1]", { cache: { fallbackScopes: ["main", "main"] } }],
        ["cache.sources[1]", { cache: { sources: ["alpine", "alpine"] } }],
        ["cache.carryMounts", { cache: { carryMounts: true, backend: "images" } }],
        ["registry", { registry: "other.example.com" }],
        ["registry", { registry: "h.example.com:99999" }],
        [
            "credentials.username",
            { credentials: { ...login, username: "robot$shop+ci" }, cache: { project: "other" } },
        ],
        ["sbom", { sbom: join(folder, "sbom.json") }],
        ["robotDays", { robotDays: 30, credentials: login }],
        ["retainImages", { project: { name: "shop", existing: true }, retainImages: false }],
        ["tagByContent", { tagByContent: true, labels: pulumi.output({ a: "1" }) }],
    ],
};

const accounts = ["push", "read", "pull", "review"] as const;

export const project: {
    readonly base: ImageProjectArgs;
    readonly siblings: Readonly<Record<string, Partial<ImageProjectArgs>>>;
    readonly values: BadValues;
    readonly together: BadTogether<ImageProjectArgs>;
} = {
    base: { name: "shop" },
    siblings: {
        reviews: { reviews: { project: "shop-reviews" } },
        ...Object.fromEntries(
            accounts.map((account) => [
                `credentials.${account}`,
                { credentials: { [account]: login } },
            ]),
        ),
    },
    values: {
        name: ["", "Shop", "a b", "a/b", "-a", long],
        import: "the Harbor provider checks the id",
        storageQuota: "the Harbor provider checks the quota",
        "cveAllowlists[]": "Harbor accepts any text",
        "immutableTags[]": ["", "a,b", "a b", "{a"],
        "retention.cacheDays": [0, -2, 1.5, Number.NaN],
        "retention.images.days": [0, -1, 1.5, Number.NaN],
        "retention.images.count": [0, -1, 1.5, Number.NaN],
        "retention.images.tags[]": ["", "a,b", "a b", "{a"],
        "retention.schedule": "the Harbor provider checks the schedule",
        "cache.project": ["", "Shop"],
        "cache.storageQuota": [5],
        "cache.import": ["/projects/7"],
        "reviews.project": ["", "A", "shop"],
        "reviews.days": [0, -1, 1.5],
        ...Object.fromEntries(
            accounts.flatMap((account) => [
                [`credentials.${account}.username`, ["", "robot$other+ci"]],
                [`credentials.${account}.password`, "a preview without secrets has none"],
            ]),
        ),
        "secrets.push": "the Harbor provider checks the password",
        "secrets.read": ["Chosen-passw0rd1"],
        "secrets.pull": "the Harbor provider checks the password",
        "secrets.review": ["Chosen-passw0rd1"],
        robotDays: [0, -2, 1.5],
        registry: ["", "https://h.example.com", "a b", "h.example.com/x", "other.example.com"],
    },
    together: [
        ...Object.entries({
            import: "/projects/7",
            public: true,
            storageQuota: 5,
            vulnerabilityScanning: true,
            autoSbomGeneration: true,
            cveAllowlists: ["CVE-2024-0001"],
            immutableTags: ["v*"],
            retention: {},
            reviews: { project: "shop-reviews" },
            retainImages: false,
        }).map(([name, value]) => [name, { existing: true, [name]: value }] as const),
        [
            "cache.storageQuota",
            { existing: true, cache: { project: "shop-cache", storageQuota: 1 } },
        ],
        [
            "cache.import",
            { existing: true, cache: { project: "shop-cache", import: "/projects/8" } },
        ],
        ["cache.project", { enableContentTrust: true }],
        ["cache.project", { enableContentTrustCosign: true }],
        ["cache.backend", { deploymentSecurity: "low", cache: { backend: "inline" } }],
        ["reviews.project", { cache: { project: "c" }, reviews: { project: "c" } }],
        ["credentials.review", { credentials: { review: login } }],
        ...accounts
            .filter((account) => account !== "review")
            .map(
                (account) =>
                    [
                        `secrets.${account}`,
                        {
                            cache: { project: "shop-cache" },
                            credentials: { [account]: login },
                            secrets: { [account]: "Chosen-passw0rd1" },
                        },
                    ] as const,
            ),
        [
            "secrets.review",
            {
                reviews: { project: "r" },
                credentials: { review: login },
                secrets: { review: "Chosen-passw0rd1" },
            },
        ],
    ],
};
