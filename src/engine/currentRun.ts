import * as pulumi from "@pulumi/pulumi";
import { monitorAddress } from "./address";

/**
 * Number of runs of programs in other languages to remember. Only a plugin that a debugger keeps alive
 * serves more than one.
 */
const servedMax = 16;

/** Runs of programs in other languages, by the address of the engine; the newest last. */
const served = new Map<string, object>();

/**
 * Identifies the current run: one process can have several at the same time.
 *
 * A program has one stack resource per run; so have inline programs of the Automation API. A plugin
 * that serves components to other languages has none. There, the SDK gives each component an
 * asynchronous context and a client of the engine, so no object identifies the run; the address of the
 * engine does (SDK 3.270, provider/server.ts).
 */
export function currentRun(): object {
    const stack = pulumi.runtime.getStackResource();
    if (stack !== undefined) {
        return stack;
    }
    const address = monitorAddress();
    if (address === undefined) {
        return pulumi.runtime.getMonitor() ?? pulumi;
    }
    const run = served.get(address) ?? {};
    served.delete(address);
    served.set(address, run);
    for (const oldest of [...served.keys()].slice(0, -servedMax)) {
        served.delete(oldest);
    }
    return run;
}

/** Whether an engine runs the program, instead of a test with Pulumi's mocks. */
export const hasEngine = (): boolean => monitorAddress() !== undefined;

/** Whether this process serves components to a program in another language. */
export const servesOtherLanguage = (): boolean =>
    hasEngine() && pulumi.runtime.getStackResource() === undefined;

/** A value that each run has for itself. */
export class PerRun<T> {
    private readonly values = new WeakMap<object, { readonly value: T }>();
    private readonly create: () => T;

    constructor(create: () => T) {
        this.create = create;
    }

    /** The value of the current run. */
    get current(): T {
        const run = currentRun();
        const { value } = this.values.get(run) ?? { value: this.create() };
        this.values.set(run, { value });
        return value;
    }
}

/** Asks each question once per run and keeps the answer. */
export class OncePerRun<T> {
    private readonly answers = new PerRun(() => new Map<string, Promise<T>>());

    /** @param key identifies the question */
    ask(key: string, question: () => Promise<T>): Promise<T> {
        const answers = this.answers.current;
        const answer = answers.get(key) ?? question();
        answers.set(key, answer);
        return answer;
    }
}
