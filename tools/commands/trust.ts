import { readFileSync } from "node:fs";
import { certificatesOf } from "../sandbox/trust";

/** Variables that name a file of certificate authorities. Every program gets the authorities of both. */
const variables = ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"] as const;

/** The files of certificate authorities that the environment names, and what is wrong with them. */
export interface GivenAuthorities {
    readonly files: readonly string[];
    readonly faults: readonly string[];
}

/**
 * Reads the trusted authorities in addition to the machine's. This is the only setting: the sandbox
 * passes them to BuildKit and to builds, and the engine's environment to Pulumi and its plugins.
 */
export function givenAuthorities(environment: NodeJS.ProcessEnv): GivenAuthorities {
    const named = variables.flatMap((variable) => {
        const file = environment[variable];
        return file ? [{ variable, file }] : [];
    });
    const faults = named.flatMap(({ variable, file }) => {
        const fault = fileFault(file);
        return fault === undefined
            ? []
            : [
                  `${variable}: "${file}" ${fault}. Expected a PEM file with the certificates of ` +
                      "authorities to trust. Correct the path, or unset the variable",
              ];
    });
    return { files: [...new Set(named.map(({ file }) => file))], faults };
}

function fileFault(file: string): string | undefined {
    try {
        const found = certificatesOf(readFileSync(file, "utf8"));
        return found.length === 0 ? "contains no certificate" : undefined;
    } catch (error) {
        const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
        return `cannot be read (${code})`;
    }
}
