import { AsyncResource } from "node:async_hooks";
import * as pulumi from "@pulumi/pulumi";

/** Number of hooks with a name, by run: one process can have several runs. */
const usedBy = new WeakMap<object, Map<string, number>>();

/**
 * Whether an engine can call hooks. The SDK's mock monitor reports support for hooks but lacks the
 * methods: a hook would end the test (SDK 3.270).
 */
export function takesHooks(): boolean {
    const monitor = pulumi.runtime.getMonitor();
    return typeof monitor?.registerResourceHook === "function";
}

/**
 * A name for a component's hook. The engine accepts a name once per run, and components with different
 * parents may have the same name. The state contains the names: unlike a random suffix, a count is the
 * same in every run.
 */
export function hookName(component: string, role: string): string {
    const run: object = pulumi.runtime.getMonitor() ?? usedBy;
    const used = usedBy.get(run) ?? new Map<string, number>();
    usedBy.set(run, used);
    const base = `harbor-build:${component}:${role}`;
    const count = (used.get(base) ?? 0) + 1;
    used.set(base, count);
    return count === 1 ? base : `${base}#${count}`;
}

/**
 * Binds a hook's function to the current run. The engine calls hooks from a server, and the SDK keeps
 * the state of an inline program (Automation API) in the program's asynchronous context. Outside of
 * that context, log lines are lost and resources are not found.
 */
export function inItsRun<Args extends unknown[], Result>(
    callback: (...args: Args) => Result,
): (...args: Args) => Result {
    const context = new AsyncResource("harbor-build:hook");
    return (...args) => context.runInAsyncScope(callback, undefined, ...args);
}
