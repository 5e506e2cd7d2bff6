// A node:test reporter that counts tests and writes one JSON line at the end:
// { passed, failed, skipped, failures, files }, where failures has the file, name and error of each
// failed test, and files maps each test file to its duration in milliseconds.
// JavaScript, because the test runner loads this file by path, before any TypeScript loader.
export default async function* tally(source) {
    const count = { passed: 0, failed: 0, skipped: 0 };
    const failures = [];
    const files = {};
    for await (const { type, data } of source) {
        const isTest = data?.details?.type !== "suite";
        if (type === "test:pass" && isTest) {
            // A todo counts as skipped, because its result does not count.
            const idle = data.skip !== undefined || data.todo !== undefined;
            count[idle ? "skipped" : "passed"] += 1;
        } else if (type === "test:fail" && isTest) {
            count.failed += 1;
            const { cause, message } = data.details.error;
            // No line: it would be that of the transpiled text.
            failures.push({ file: data.file, name: data.name, error: cause?.message ?? message });
        } else if (type === "test:summary" && data.file !== undefined) {
            files[data.file] = data.duration_ms;
        }
    }
    yield `${JSON.stringify({ ...count, failures, files })}\n`;
}
