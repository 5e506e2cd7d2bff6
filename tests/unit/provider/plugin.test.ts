import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { describe, test } from "node:test";
import { credentials } from "@grpc/grpc-js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import schema from "../../../src/provider/schema.json";

const main = join(__dirname, "../../../src/provider/main.ts");

function start(...args: string[]): ChildProcess {
    return spawn(process.execPath, ["--import", "tsx", main, ...args], {
        stdio: ["ignore", "pipe", "pipe"],
    });
}

async function textOf(stream: NodeJS.ReadableStream | null): Promise<string> {
    let text = "";
    for await (const chunk of stream ?? []) text += chunk;
    return text;
}

function exitOf(child: ChildProcess): Promise<number | null> {
    return new Promise((resolve) => child.once("exit", resolve));
}

describe("the plugin's process", () => {
    test("prints what it is when started by hand, and ends", async () => {
        const child = start();
        const [code, text] = await Promise.all([exitOf(child), textOf(child.stderr)]);
        assert.equal(code, 64);
        assert.equal(
            text,
            `pulumi-resource-harbor ${schema.version} is a plugin of Pulumi and is started by \`pulumi\`, not by hand.\n`,
        );
    });

    test("prints only the version with --version", async () => {
        const child = start("--version");
        const [code, text] = await Promise.all([exitOf(child), textOf(child.stdout)]);
        assert.deepEqual([code, text], [0, `${schema.version}\n`]);
    });

    test("prints its port when started by the engine, reports its version and ends on SIGINT", async () => {
        const child = start("127.0.0.1:1");
        const port = await new Promise<string>((resolve) => {
            child.stdout?.once("data", (chunk) => resolve(String(chunk).trim()));
        });
        assert.match(port, /^\d+$/);
        const client = new ResourceProviderClient(
            `127.0.0.1:${port}`,
            credentials.createInsecure(),
        );
        const version = await new Promise((resolve, reject) => {
            client.getPluginInfo(new Empty(), (error, info) =>
                error ? reject(error) : resolve(info.getVersion()),
            );
        });
        assert.equal(version, schema.version);
        client.close();
        const ended = exitOf(child);
        child.kill("SIGINT");
        assert.equal(await ended, 0);
    });
});
