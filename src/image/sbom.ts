import { readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";
import type { Given } from "../arguments/row";
import type { Fault } from "../arguments/userError";
import { predicateDigest } from "../registry/signatures";
import { asRecord } from "../text/lenientJson";
import { reasonOf } from "../text/reason";
import type { CachedImageArgs } from "./args";

/** An SBOM file, as an attestation needs it. */
interface Sbom {
    readonly predicateType: string;
    readonly predicateDigest: string;
    readonly predicate: object;
}

/** Largest SBOM, in bytes: its attestation must fit into one answer of a registry, which has 8 MiB. */
const bytesMax = 5 * 1024 * 1024;
const expected =
    'Expected the path of a JSON file in the format SPDX or CycloneDX, such as "sbom.spdx.json"';

/** Reads an SBOM file, or returns why it is not usable. */
export function readSbom(path: string): Sbom | { readonly message: string } {
    const file = resolve(path);
    try {
        const { size } = statSync(file);
        if (size > bytesMax) {
            return { message: `"${path}" has ${size} bytes. Expected at most ${bytesMax}` };
        }
        const predicate: unknown = JSON.parse(readFileSync(file, "utf8"));
        const document = asRecord(predicate);
        const predicateType = typeOf(document);
        return predicateType === undefined
            ? { message: `"${path}" is neither SPDX nor CycloneDX. ${expected}` }
            : { predicateType, predicateDigest: predicateDigest(document), predicate: document };
    } catch (error) {
        return {
            message: `"${path}" cannot be read (${reasonOf(error).replace(file, path)}). ${expected}`,
        };
    }
}

/** The types that `cosign verify-attestation` calls spdxjson and cyclonedx. */
function typeOf(document: Readonly<Record<string, unknown>>): string | undefined {
    if (document["spdxVersion"] !== undefined) {
        return "https://spdx.dev/Document";
    }
    return document["bomFormat"] === "CycloneDX" ? "https://cyclonedx.org/bom" : undefined;
}

export function sbomFaults(sbom: string | undefined, { args }: Given<CachedImageArgs>): Fault[] {
    if (sbom === undefined) {
        return [];
    }
    const read = readSbom(sbom);
    const unsigned = "needs a key to sign the SBOM. Fix: set sign.key";
    return [
        ...("message" in read ? [{ path: "sbom", message: read.message }] : []),
        ...(args.sign === undefined ? [{ path: "sbom", message: unsigned }] : []),
    ];
}
