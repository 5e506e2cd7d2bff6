import assert from "node:assert/strict";
import { test } from "node:test";
import { CacheBackend } from "../../../src/cache/backend";
import { type CachePlacement, placeCache } from "../../../src/policy/cachePlacement";

const { Inline, Registry } = CacheBackend;

interface Case {
    readonly vulnerabilityPrevention: boolean;
    readonly contentTrust: boolean;
    readonly ownProject: boolean;
    readonly backend?: CacheBackend;
    /** The placement, or the argument that keeps the cache from having one. */
    readonly expected: CachePlacement | string;
}

const here = (backend: CacheBackend): CachePlacement => ({ backend, ownProject: false });
const apart = (backend: CacheBackend): CachePlacement => ({ backend, ownProject: true });

const off = { vulnerabilityPrevention: false, contentTrust: false };
const vulnerability = { vulnerabilityPrevention: true, contentTrust: false };
const trust = { vulnerabilityPrevention: false, contentTrust: true };
const everything = { vulnerabilityPrevention: true, contentTrust: true };

const cases: readonly Case[] = [
    { ...off, ownProject: false, expected: here(Inline) },
    { ...off, ownProject: false, backend: Registry, expected: here(Registry) },
    { ...off, ownProject: true, expected: apart(Inline) },
    { ...vulnerability, ownProject: false, expected: here(Registry) },
    { ...vulnerability, ownProject: false, backend: Registry, expected: here(Registry) },
    { ...vulnerability, ownProject: false, backend: Inline, expected: "cache.backend" },
    { ...vulnerability, ownProject: true, expected: apart(Inline) },
    { ...vulnerability, ownProject: true, backend: Inline, expected: apart(Inline) },
    { ...vulnerability, ownProject: true, backend: Registry, expected: apart(Registry) },
    { ...trust, ownProject: false, expected: "cache.project" },
    { ...trust, ownProject: false, backend: Registry, expected: "cache.project" },
    { ...trust, ownProject: true, expected: apart(Inline) },
    { ...everything, ownProject: false, expected: "cache.project" },
    { ...everything, ownProject: true, expected: apart(Inline) },
];

for (const { expected, ownProject, backend, ...policies } of cases) {
    const on = [
        policies.vulnerabilityPrevention ? "vulnerability prevention" : "",
        policies.contentTrust ? "content trust" : "",
    ].filter((name) => name !== "");
    const where = ownProject ? "in a project of its own" : "in the images' project";
    const wish = backend === undefined ? "a cache" : `a cache of backend ${backend}`;
    const outcome =
        typeof expected === "string" ? `has no place: ${expected}` : `is kept ${expected.backend}`;
    test(`${wish} ${where} under ${on.join(" and ") || "no policy"} ${outcome}`, () => {
        const placed = placeCache({ policies, ownProject, backend });
        assert.deepEqual("reason" in placed ? placed.argument : placed, expected);
    });
}
