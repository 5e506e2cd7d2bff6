import { after } from "node:test";

type Close = () => Promise<unknown> | unknown;

const opened: (() => Promise<void>)[] = [];

/**
 * Closes something after the last test of the file, even when a `before` hook or a test fails. The
 * last opened is closed first. Call the returned function to close earlier; a second call does
 * nothing.
 */
export function atEnd(close: Close): () => Promise<void> {
    let closed: Promise<void> | undefined;
    const once = () => {
        closed ??= Promise.resolve()
            .then(close)
            .then(() => undefined);
        return closed;
    };
    opened.push(once);
    return once;
}

// node:test stops at the first `after` hook that fails, so one hook closes everything.
after(async () => {
    const failures: unknown[] = [];
    for (const close of opened.reverse()) {
        await close().catch((failure) => failures.push(failure));
    }
    if (failures.length > 0) {
        throw new AggregateError(failures, failures.map(String).join("\n"));
    }
});
