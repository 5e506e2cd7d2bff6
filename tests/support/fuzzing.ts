/** Number of cases for a property: `usual`, and many times as many in a long run. */
export function fuzzRuns(usual: number): number {
    return usual * Number(process.env["HARBOR_BUILD_FUZZ_FACTOR"] ?? 1);
}
