import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";

/** One resource as the program declared it. */
export interface Declared {
    readonly type: string;
    readonly name: string;
    /** Inputs as the engine receives them; a secret is wrapped in an object with its signature. */
    readonly inputs: Record<string, unknown>;
    /** Name of the parent; empty without one. */
    readonly parent: string;
    /** Whether Pulumi leaves the object in place when it deletes the resource. */
    readonly retained: boolean;
}

/** Everything that a program declared, with a way to wait for it. */
export interface Declarations {
    readonly resources: readonly Declared[];
    find(name: string): Declared;
    /** The resource, once the program has declared it. */
    wait(name: string): Promise<Declared>;
}

const digest = `sha256:${"d".repeat(64)}`;

/**
 * Sets Pulumi's mocks: every resource exists with its inputs as outputs, and with the outputs of a
 * registry or a Harbor. Call this before importing the code under test.
 */
export async function mockPulumi(
    options: { preview?: boolean; stack?: string; config?: Record<string, string> } = {},
): Promise<Declarations> {
    const resources: Declared[] = [];
    const declaredOptions = new Map<string, DeclaredOptions>();
    for (const [key, value] of Object.entries(options.config ?? {})) {
        pulumi.runtime.setConfig(key, value);
    }
    await pulumi.runtime.setMocks(
        {
            newResource({ type, name, inputs }) {
                resources.push({ type, name, inputs, ...(declaredOptions.get(name) ?? noOptions) });
                return { id: `${name}-id`, state: { ...inputs, ...computed(type, inputs) } };
            },
            call: ({ token }) =>
                token === "harbor:index/getProject:getProject" ? { id: "/projects/7" } : {},
        },
        "test",
        options.stack ?? "dev",
        options.preview ?? false,
    );
    observeOptions(declaredOptions);
    const find = (name: string): Declared => {
        const found = resources.find((resource) => resource.name === name);
        if (found === undefined) {
            const names = resources.map((resource) => resource.name).join(", ");
            throw new Error(`no resource "${name}" was declared; there are: ${names}`);
        }
        return found;
    };
    return {
        resources,
        find,
        async wait(name) {
            const deadline = Date.now() + 5000;
            while (Date.now() < deadline && !resources.some((one) => one.name === name)) {
                await sleep(5);
            }
            return find(name);
        },
    };
}

type DeclaredOptions = Pick<Declared, "parent" | "retained">;
const noOptions: DeclaredOptions = { parent: "", retained: false };

/** A request of the SDK's to declare a resource, in which the mocks do not see the options. */
interface Request {
    getName(): string;
    getParent(): string;
    getRetainondelete(): boolean;
}

/** Keeps the options of each declared resource by its name. */
function observeOptions(found: Map<string, DeclaredOptions>): void {
    const monitor: { registerResource(request: Request, done: unknown): unknown } = Object(
        pulumi.runtime.getMonitor(),
    );
    const register = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request, done) => {
        const parent = request.getParent().split("::").at(-1) ?? "";
        found.set(request.getName(), { parent, retained: request.getRetainondelete() });
        return register(request, done);
    };
}

function computed(type: string, inputs: Record<string, unknown>): Record<string, unknown> {
    switch (type) {
        case "docker-build:index:Image":
            return { digest, ref: `${(inputs["tags"] as string[] | undefined)?.[0]}@${digest}` };
        case "docker-build:index:Index":
            return { ref: `${inputs["tag"]}@${digest}` };
        case "harbor:index/robotAccount:RobotAccount":
            return { fullName: "robot$shop+fm-robot", secret: "S3cret-of-the-mock" };
        default:
            return {};
    }
}

/** Members that the SDK's types do not show (3.270). */
const { getStore }: { getStore(): Record<string, unknown> } =
    require("@pulumi/pulumi/runtime/state");

/** Lets code under mocks create hooks, which no engine calls. Call this after the mocks are set. */
export function mockHooks(): void {
    const done = async () => undefined;
    Object.assign(pulumi.runtime.getMonitor() ?? {}, { registerResourceHook: done });
    getStore()["callbacks"] = {
        registerResourceHook: done,
        registerErrorHook: done,
        awaitStackRegistrations: done,
    };
}

/** The value of an output, when it is known. */
export function known<T>(output: pulumi.Output<T>): Promise<T> {
    return new Promise((resolve) => {
        output.apply(resolve);
    });
}
