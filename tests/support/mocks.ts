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
    /** Names of the resources that must exist before it, in alphabetical order. */
    readonly after: readonly string[];
}

/** Everything that a program declared, with a way to wait for it. */
export interface Declarations {
    readonly resources: readonly Declared[];
    find(name: string): Declared;
    /** The resource, once the program has declared it. */
    wait(name: string): Promise<Declared>;
    /** The outputs that a component registers at the end of its constructor. */
    outputs(name: string): Promise<object>;
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
    const registered = new Map<string, object>();
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
    observe(declaredOptions, registered);
    const find = (name: string): Declared => {
        const found = resources.find((resource) => resource.name === name);
        if (found === undefined) {
            const names = resources.map((resource) => resource.name).join(", ");
            throw new Error(`no resource "${name}" was declared; there are: ${names}`);
        }
        return found;
    };
    const soon = async (isDone: () => boolean) => {
        const deadline = Date.now() + 5000;
        while (Date.now() < deadline && !isDone()) await sleep(5);
    };
    return {
        resources,
        find,
        async wait(name) {
            await soon(() => resources.some((one) => one.name === name));
            return find(name);
        },
        async outputs(name) {
            await soon(() => registered.has(name));
            return registered.get(name) ?? {};
        },
    };
}

/** Sets mocks that only give each resource its inputs as outputs; each call starts a new run. */
export function mockRun({ preview = false } = {}): Promise<void> {
    return pulumi.runtime.setMocks(
        { newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: () => ({}) },
        "test",
        "dev",
        preview,
    );
}

type DeclaredOptions = Pick<Declared, "parent" | "retained" | "after">;
const noOptions: DeclaredOptions = { parent: "", retained: false, after: [] };

/** Requests of the SDK's, which have what the mocks do not see. */
interface Monitor {
    registerResource(
        request: {
            getName(): string;
            getParent(): string;
            getRetainondelete(): boolean;
            getDependenciesList(): readonly string[];
        },
        done: unknown,
    ): unknown;
    registerResourceOutputs(
        request: { getUrn(): string; getOutputs(): { toJavaScript(): object } },
        done: unknown,
    ): unknown;
}

/** Keeps the options of each declared resource, and the outputs of each component, by its name. */
function observe(options: Map<string, DeclaredOptions>, outputs: Map<string, object>): void {
    const monitor: Monitor = Object(pulumi.runtime.getMonitor());
    const nameOf = (urn: string) => urn.split("::").at(-1) ?? "";
    const declare = monitor.registerResource.bind(monitor);
    monitor.registerResource = (request, done) => {
        options.set(request.getName(), {
            parent: nameOf(request.getParent()),
            retained: request.getRetainondelete(),
            after: request.getDependenciesList().map(nameOf).sort(),
        });
        return declare(request, done);
    };
    const complete = monitor.registerResourceOutputs.bind(monitor);
    monitor.registerResourceOutputs = (request, done) => {
        outputs.set(nameOf(request.getUrn()), request.getOutputs().toJavaScript());
        return complete(request, done);
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
