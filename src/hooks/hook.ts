import { AsyncResource } from "node:async_hooks";
import * as pulumi from "@pulumi/pulumi";

/** How many hooks bear a name, by the run that they belong to: one process can make several. */
const usedBy = new WeakMap<object, Map<string, number>>();

/**
 * Whether there is an engine to call hooks. The SDK's mock monitor claims hooks and has no such
 * methods: a hook there ends the test (SDK 3.270).
 */
export function takesHooks(): boolean {
    const monitor = pulumi.runtime.getMonitor();
    return typeof monitor?.registerResourceHook === "function";
}

/**
 * A name for a component's hook. The engine takes a name once in a run, and components with different
 * parents may share theirs. The names end up in the state: the count, unlike a random part, keeps it
 * the same from run to run.
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
 * A hook's function that knows which run it belongs to. The engine calls hooks from a server, and the
 * SDK keeps the state of an inline program (Automation API) in the asynchronous context of that
 * program: outside of it lines are lost and resources not found.
 */
export function inItsRun<Args extends unknown[], Result>(
    callback: (...args: Args) => Result,
): (...args: Args) => Result {
    const context = new AsyncResource("harbor-build:hook");
    return (...args) => context.runInAsyncScope(callback, undefined, ...args);
}
