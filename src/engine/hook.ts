import { AsyncResource } from "node:async_hooks";
import * as pulumi from "@pulumi/pulumi";
import { PerRun } from "./currentRun";

/** Number of hooks with a name. */
const used = new PerRun(() => new Map<string, number>());

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
    const base = `harbor-build:${component}:${role}`;
    const count = (used.current.get(base) ?? 0) + 1;
    used.current.set(base, count);
    return count === 1 ? base : `${base}#${count}`;
}

/**
 * The same function for a hook that only observes: its own errors are logged, and never fail a run
 * whose images are pushed.
 */
export function observing<Args extends unknown[]>(
    callback: (...args: Args) => Promise<void>,
): (...args: Args) => Promise<void> {
    return async (...args) => {
        try {
            await callback(...args);
        } catch (error) {
            void pulumi.log.debug(`harbor-build cannot observe a build: ${error}`);
        }
    };
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
