/** Cases that a property is tried with: `usual` of them, in a long run many times as many. */
export function fuzzRuns(usual: number): number {
    return usual * Number(process.env["HARBOR_BUILD_FUZZ_FACTOR"] ?? 1);
}
