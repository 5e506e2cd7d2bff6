// A node:test reporter that counts: one JSON line, { passed, failed, skipped }, at the end.
// It is JavaScript because the test runner loads it by path, before any loader of ours.
export default async function* tally(source) {
    const count = { passed: 0, failed: 0, skipped: 0 };
    for await (const { type, data } of source) {
        const isTest = data?.details?.type !== "suite";
        if (type === "test:pass" && isTest) {
            // A todo counts as skipped: it says nothing of the code.
            const idle = data.skip !== undefined || data.todo !== undefined;
            count[idle ? "skipped" : "passed"] += 1;
        } else if (type === "test:fail" && isTest) {
            count.failed += 1;
        }
    }
    yield `${JSON.stringify(count)}\n`;
}
