import * as pulumi from "@pulumi/pulumi";
import { hookName, inItsRun, takesHooks } from "../engine/hook";
import { askRegistry } from "../registry/question";
import type { RegistryOptions } from "../registry/registries";
import { attachStatement, hasStatement } from "../registry/signatures";
import { type Signer, SignerFault } from "../signing/key";
import { harborAccess } from "./harborAccess";
import { readSignatureInputs, type SignatureInputs } from "./imageInputs";
import { showWait } from "./log";
import { loginsOf } from "./logins";

/** Time limit for signing, in milliseconds: an SBOM has megabytes. */
const timeoutMs = 60_000;

/** What a signature states, and who signs. */
export interface Signing {
    /** The signer of the run; never resolves while the key is unknown. */
    readonly signer: () => Promise<Signer>;
    /** The predicate of the statement. */
    readonly predicate: () => object | Promise<object>;
}

/**
 * Creates the hooks for an ImageSignature: before the resource is created or updated, they sign the
 * image in the program's process. The engine, the provider and the state never get the private key.
 *
 * @returns undefined in tests with Pulumi's mocks, where no engine calls hooks.
 */
export function signHooks(
    name: string,
    role: string,
    signing: Signing,
): pulumi.ResourceHookBinding | undefined {
    if (!takesHooks()) {
        return undefined;
    }
    const access = harborAccess({});
    const sign = async ({ urn, newInputs }: pulumi.ResourceHookArgs) => {
        const signed = signImage(await readSignatureInputs(newInputs), signing, access);
        await showWait("waiting for the registry: signature", urn, signed);
    };
    const hook = new pulumi.ResourceHook(hookName(name, role), inItsRun(sign));
    return { beforeCreate: [hook], beforeUpdate: [hook] };
}

/** The fault of a signer, which no registry can explain. @throws any other error */
function signerFault(error: unknown): SignerFault {
    if (error instanceof SignerFault) return error;
    throw error;
}

/**
 * Signs an image, unless it is signed already: an earlier run may have been interrupted after that.
 *
 * @throws Error when the registry refuses, with the fix.
 * @internal
 */
export async function signImage(
    { login, reference, publicKey, ...wanted }: SignatureInputs,
    { signer, predicate }: Signing,
    options: RegistryOptions,
): Promise<void> {
    const answer = await askRegistry(
        reference,
        loginsOf({ login }, options),
        { ...options, timeoutMs },
        async (session, { repository }) => {
            const [isSigned, made] = await Promise.all([
                hasStatement(session, repository, wanted, publicKey),
                predicate(),
            ]);
            if (!isSigned) {
                const statement = { ...wanted, predicate: made };
                const attached = attachStatement(session, repository, statement, await signer());
                const fault = await attached.catch(signerFault);
                if (fault !== undefined) return { fault };
            }
            return {};
        },
    );
    if ("fault" in answer) throw answer.fault;
    if ("reason" in answer) {
        throw new Error(
            `the signature of ${reference} cannot be pushed: ${answer.reason}. ` +
                "Fix: use an account that may pull and push in this repository. The image is pushed; the next run signs it",
        );
    }
}
