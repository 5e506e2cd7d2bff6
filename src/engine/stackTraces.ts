/**
 * Declares resources without the stack traces of the SDK's promises. The SDK records a stack trace for
 * each property of a resource, to find promises that never settle (SDK 3.270,
 * runtime/debuggable.ts). Under ts-node every trace is mapped to TypeScript sources, which takes a
 * third of the program's time in a stack with 60 images. The source positions in the state are not
 * affected: the SDK sets a limit of its own for them.
 */
export function withoutStackTraces<T>(declare: () => T): T {
    if (process.env["PULUMI_DEBUG_PROMISE_LEAKS"]) {
        return declare();
    }
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
        return declare();
    } finally {
        Error.stackTraceLimit = stackTraceLimit;
    }
}
