import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { startHarbor } from "../sandbox/harbor/server";
import { PluginSession } from "./pluginSession";
import { median } from "./statistics";

const executable = resolve(__dirname, "..", "..", "dist", "plugin", "pulumi-resource-harbor");
const project = "harbor:index/project:Project";
const robot = "harbor:index/robotAccount:RobotAccount";

/** Channel on which Node.js publishes every request that a server in this process receives. */
const requestChannel = "http.server.request.start";

/** Start time, memory and requests of the provider plugin. */
export interface PluginFigures {
    /** Median time from the start of the process until it prints its port, in milliseconds. */
    readonly startMs: number;
    /** Resident memory after the start, in megabytes. */
    readonly memoryMb: number;
    /** Number of resources created and read before {@link busyMemoryMb} is measured. */
    readonly resources: number;
    /** Resident memory after these resources, in megabytes. */
    readonly busyMemoryMb: number;
    /** Requests to Harbor by operation. */
    readonly requests: Readonly<Record<string, number>>;
}

/** Measures the published plugin against a Harbor in this process. */
export async function measurePlugin(
    { starts, resources }: { readonly starts: number; readonly resources: number },
    signal: AbortSignal,
): Promise<PluginFigures> {
    const startsMs: number[] = [];
    for (let start = 0; start < starts; start++) {
        signal.throwIfAborted();
        const plugin = await startPlugin();
        startsMs.push(plugin.startMs);
        await plugin.stop();
    }
    const plugin = await startPlugin();
    const harbor = await openCountedHarbor();
    const session = new PluginSession(plugin.port);
    try {
        const memoryMb = await residentMb(plugin.pid);
        await session.configure({
            url: harbor.url,
            username: "admin",
            password: harbor.password,
        });
        const requests = await countRequests(session, harbor.take);
        for (let index = 0; index < resources; index++) {
            signal.throwIfAborted();
            const made = await session.create(project, { name: `many-${index}` });
            await session.read(project, made.id, made.outputs);
        }
        const busyMemoryMb = await residentMb(plugin.pid);
        return {
            startMs: Math.round(median(startsMs)),
            memoryMb,
            resources,
            busyMemoryMb,
            requests,
        };
    } finally {
        session.close();
        await plugin.stop();
        await harbor.close();
    }
}

/** Counts the requests of each kind of operation on the two resources that every image needs. */
async function countRequests(
    session: PluginSession,
    take: () => number,
): Promise<Record<string, number>> {
    const requests: Record<string, number> = {};
    const count = async <T>(name: string, action: Promise<T>): Promise<T> => {
        const result = await action;
        requests[name] = take();
        return result;
    };
    const name = "counted";
    const first = await count("first login", session.read(project, "/projects/1"));
    await count("project read", session.read(project, "/projects/1", first.outputs));
    requests["first login"] = (requests["first login"] ?? 0) - (requests["project read"] ?? 0);
    const made = await count("project create", session.create(project, { name }));
    const news = { name, public: true };
    await count("project update", session.update(project, made.id, made.outputs, news));
    const accesses = [{ resource: "repository", action: "pull" }];
    const permissions = [{ kind: "project", namespace: name, accesses }];
    const bot = await count(
        "robot create",
        session.create(robot, { name: "ci", level: "project", permissions }),
    );
    await count("robot read", session.read(robot, bot.id, bot.outputs));
    await count("robot delete", session.delete(robot, bot.id, bot.outputs));
    await count("project delete", session.delete(project, made.id, made.outputs));
    return requests;
}

/** A plugin's process. */
export interface RunningPlugin {
    readonly pid: number;
    readonly port: number;
    readonly startMs: number;
    stop(): Promise<void>;
}

/** Starts a provider plugin; the default is ours. */
export async function startPlugin(
    [command = "", ...args]: readonly string[] = [process.execPath, executable],
): Promise<RunningPlugin> {
    const startedMs = performance.now();
    // The address of an engine; the plugin never connects to it.
    const child = spawn(command, [...args, "127.0.0.1:1"], {
        stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    const [line] = await Promise.race([
        once(createInterface(child.stdout), "line"),
        exited.then(([code]) => Promise.reject(new Error(`${command}: exit code ${code}`))),
    ]);
    const startMs = performance.now() - startedMs;
    return {
        // The process has an id, because it printed a line.
        pid: child.pid as number,
        port: Number(line),
        startMs,
        stop: async () => {
            child.kill("SIGINT");
            await exited;
        },
    };
}

async function residentMb(pid: number): Promise<number> {
    const status = await readFile(`/proc/${pid}/status`, "utf8");
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    return Math.round(Number(kilobytes) / 1024);
}

/** Starts a Harbor that has no registry and counts the requests. */
async function openCountedHarbor() {
    const dataDir = await mkdtemp(join(tmpdir(), "hb-bench-"));
    const password = `Aa1${randomBytes(12).toString("hex")}`;
    const harbor = await startHarbor({ dataDir, adminPassword: password });
    let seen = 0;
    const count = () => {
        seen += 1;
    };
    subscribe(requestChannel, count);
    return {
        url: harbor.url,
        password,
        take: () => {
            const taken = seen;
            seen = 0;
            return taken;
        },
        close: async () => {
            unsubscribe(requestChannel, count);
            await harbor.close();
            await rm(dataDir, { recursive: true, force: true });
        },
    };
}
