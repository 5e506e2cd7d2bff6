import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
    cp,
    mkdir,
    readdir,
    readFile,
    rename,
    rm,
    stat,
    symlink,
    writeFile,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import type { MoreImage } from "../sandbox/images/baseImages";
import type { Sample } from "./samples";

const run = promisify(execFile);
const npmVersion = "11.21.2";

/** A replacement for an official base image: packages on top of the sandbox's userland. */
interface Base {
    readonly tag: string;
    /** Debian packages, with everything that they depend on. */
    readonly packages: readonly string[];
    /** Links that the packages' scripts would make, by path. @default none */
    readonly links?: Readonly<Record<string, string>>;
    readonly env: readonly string[];
}

const java = { "usr/bin/java": "../lib/jvm/default-java/bin/java" };

/** The base images by name, each with the variables and paths of the official image. */
const bases: Readonly<Record<string, Base>> = {
    debian: { tag: "12", packages: ["libc6", "libgcc-s1"], env: [] },
    "eclipse-temurin": { tag: "17-jre", packages: ["default-jre-headless"], links: java, env: [] },
    maven: {
        tag: "3-eclipse-temurin-17",
        packages: ["default-jdk-headless", "maven"],
        links: { ...java, "usr/bin/mvn": "../share/maven/bin/mvn" },
        env: ["JAVA_HOME=/usr/lib/jvm/default-java"],
    },
    node: {
        tag: "24",
        packages: [], // see addNode
        // Node.js does not read the bundle of the userland by itself.
        env: ["NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt"],
    },
    python: {
        tag: "3",
        packages: ["gcc", "python3-dev", "python3-venv"],
        links: { "usr/bin/python": "python3" },
        env: ["PIP_CERT=/etc/ssl/certs/ca-certificates.crt"],
    },
    rust: {
        tag: "1",
        packages: ["cargo-web", "rustc-web"],
        links: { "usr/bin/cc": "gcc" },
        env: ["CARGO_HOME=/usr/local/cargo"],
    },
};

/** The base images that these samples use; makes the files of each image once, in `folder`. */
export async function ensureBases(
    samples: readonly Sample[],
    {
        folder,
        node,
        caBundle,
    }: { readonly folder: string; readonly node: string; readonly caBundle: string },
): Promise<readonly MoreImage[]> {
    const files = samples.map((sample) => readFile(join(sample.folder, "Dockerfile"), "utf8"));
    const dockerfiles = await Promise.all(files);
    const images: MoreImage[] = [];
    for (const [name, base] of Object.entries(bases)) {
        if (!dockerfiles.some((text) => text.includes(`FROM ${name}:${base.tag}`))) continue;
        const { stdout } = await run(node, ["--version"]);
        const parts = JSON.stringify([base, name === "node" ? [stdout, npmVersion] : []]);
        const key = createHash("sha256").update(parts).digest("hex").slice(0, 12);
        const tree = join(folder, `base-${name}-${key}`);
        await makeOnce(tree, (made) =>
            name === "node" ? addNode(made, node) : addPackages(made, base, caBundle),
        );
        images.push({ name, tags: ["latest", base.tag], folder: tree, env: base.env });
    }
    return images;
}

/** Makes a folder unless it exists; an interrupted attempt leaves none. */
async function makeOnce(folder: string, make: (folder: string) => Promise<void>): Promise<void> {
    const isThere = await stat(folder).then(
        () => true,
        () => false,
    );
    if (isThere) return;
    const made = `${folder}.new`;
    await rm(made, { recursive: true, force: true });
    await mkdir(made, { recursive: true });
    await make(made);
    await rename(made, folder);
}

/** Unpacks Debian packages with their dependencies, and runs none of their scripts. */
async function addPackages(
    tree: string,
    { packages, links = {} }: Base,
    caBundle: string,
): Promise<void> {
    const work = `${tree}.apt`;
    const archives = join(work, "archives");
    await rm(work, { recursive: true, force: true });
    await mkdir(join(archives, "partial"), { recursive: true });
    await writeFile(join(work, "status"), ""); // as if no package were installed
    const options = [
        `Dir::State::status=${join(work, "status")}`,
        `Dir::Cache=${work}`,
        `Dir::Cache::archives=${archives}`,
        "APT::Sandbox::User=root",
    ].flatMap((option) => ["-o", option]);
    const what = ["install", "--download-only", "--no-install-recommends", "--yes", ...packages];
    await run("apt-get", [...options, ...what], { maxBuffer: 2 ** 26 });
    for (const file of await readdir(archives)) {
        if (file.endsWith(".deb")) await run("dpkg-deb", ["-x", join(archives, file), tree]);
    }
    for (const [path, target] of Object.entries(links)) await symlink(target, join(tree, path));
    if ("usr/bin/java" in links) await addAuthorities(tree, caBundle);
    await rm(work, { recursive: true });
}

/** Java's own file of certificate authorities, which a script of the package would write. */
async function addAuthorities(tree: string, caBundle: string): Promise<void> {
    const folder = join(tree, "etc/ssl/certs/java");
    await mkdir(folder, { recursive: true });
    const certificates =
        (await readFile(caBundle, "utf8")).match(/-{5}BEGIN[\s\S]+?-{5}END.*\n/g) ?? [];
    const paths = certificates.map((_, index) => `etc/ssl/certs/java/${index}.pem`);
    for (const [index, path] of paths.entries()) {
        await writeFile(join(tree, path), certificates[index] ?? "");
    }
    const jar = "/usr/share/ca-certificates-java/ca-certificates-java.jar";
    const args = [tree, "/usr/bin/java", "-jar", jar, "-storepass", "changeit"];
    // Without /proc, Java does not find its libraries.
    const env = { ...process.env, LD_LIBRARY_PATH: "/usr/lib/jvm/default-java/lib" };
    const importing = run("chroot", args, { env });
    importing.child.stdin?.end(paths.map((path) => `+/${path}\n`).join(""));
    await importing;
    for (const path of paths) await rm(join(tree, path));
}

/** Node.js with the libraries that it needs, and npm. */
async function addNode(tree: string, node: string): Promise<void> {
    const { stdout } = await run("ldd", [node]);
    const libraries = [...stdout.matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => path ?? []);
    const files = [[node, "usr/local/bin/node"], ...libraries.map((path) => [path, path] as const)];
    for (const [source = "", target = ""] of files) {
        const copy = join(tree, target);
        await mkdir(dirname(copy), { recursive: true });
        await cp(source, copy, { dereference: true });
    }
    const home = join(tree, "usr", "local", "lib");
    await mkdir(home, { recursive: true });
    const manifest = join(home, "package.json");
    await writeFile(manifest, "{}");
    const args = ["install", "--ignore-scripts", "--no-package-lock", `npm@${npmVersion}`];
    await run("npm", args, { cwd: home });
    await rm(manifest);
    for (const name of ["npm", "npx"]) {
        const program = `../lib/node_modules/npm/bin/${name}-cli.js`;
        await symlink(program, join(tree, "usr", "local", "bin", name));
    }
}
