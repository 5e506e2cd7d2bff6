import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Lab, workDir } from "../../support/lab";

/** The login of a build; anonymous when undefined. */
export interface Credential {
    readonly username: string;
    readonly password: string;
}

export interface BuildOutcome {
    readonly code: number;
    /** BuildKit's plain log, its last line the error if there was one. */
    readonly log: string;
}

/** Builds a tiny image with BuildKit itself, without Pulumi or buildx between. */
export async function build(
    lab: Lab,
    content: string,
    args: readonly string[],
    credential: Credential | undefined,
    address = lab.buildkitAddress,
): Promise<BuildOutcome> {
    mkdirSync(workDir, { recursive: true });
    const folder = mkdtempSync(join(workDir, "buildctl-"));
    writeFileSync(join(folder, "Dockerfile"), "FROM alpine:3.22\nCOPY data /data\n");
    writeFileSync(join(folder, "data"), content);
    const host = new URL(lab.admin.url).host;
    const pair = `${credential?.username}:${credential?.password}`;
    const auth = Buffer.from(pair).toString("base64");
    const auths = credential === undefined ? {} : { [host]: { auth } };
    writeFileSync(join(folder, "config.json"), JSON.stringify({ auths }));
    const fixed = [
        "--addr",
        address,
        "build",
        "--frontend",
        "dockerfile.v0",
        "--progress",
        "plain",
    ];
    const sources = ["--local", `context=${folder}`, "--local", `dockerfile=${folder}`];
    const child = spawn(lab.buildctl, [...fixed, ...sources, ...args], {
        env: { ...process.env, ...lab.environment, DOCKER_CONFIG: folder },
        stdio: ["ignore", "pipe", "pipe"],
    });
    let log = "";
    for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8");
        stream.on("data", (chunk: string) => {
            log += chunk;
        });
    }
    const code = await new Promise<number>((resolve, reject) => {
        child.once("error", reject);
        child.once("close", (status) => resolve(status ?? 1));
    });
    return { code, log };
}
