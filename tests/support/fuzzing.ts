import type { TestContext } from "node:test";

/**
 * Parameters of fast-check for a property. `npm test` has the same cases each time, so that it fails
 * because of a change and not by chance. A long run has many times as many, and new ones each time;
 * `HARBOR_BUILD_FUZZ_SEED` runs the cases of an earlier run again.
 *
 * @param usual number of cases in `npm test`
 */
export function fuzzing(test: TestContext, usual: number): { numRuns: number; seed: number } {
    const factor = Number(process.env["HARBOR_BUILD_FUZZ_FACTOR"] ?? 1);
    const usualSeed = factor > 1 ? Date.now() % 2 ** 31 : 501;
    const seed = Number(process.env["HARBOR_BUILD_FUZZ_SEED"] ?? usualSeed);
    test.diagnostic(`seed ${seed}; HARBOR_BUILD_FUZZ_SEED=${seed} runs the same cases again`);
    return { numRuns: usual * factor, seed };
}
