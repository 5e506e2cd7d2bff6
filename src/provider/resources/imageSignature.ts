import { CacheSourceStatus } from "../../registry/cacheSource";
import { DockerLogins } from "../../registry/dockerLogins";
import { askRegistry, Refused } from "../../registry/question";
import { findStatement } from "../../registry/signatures";
import { signatureType } from "../../signing/bundle";
import { isPublicKey } from "../../signing/key";
import { isPlaceholder } from "../../text/placeholder";
import { UserError } from "../failure";
import type { Properties, Values } from "../property";
import { type Context, resource, type State } from "../resource";
import type { Bag } from "../values";

const properties = {
    reference: {
        type: "string",
        required: true,
        check: (value: string) =>
            /^[^@\s]+@sha256:[0-9a-f]{64}$/.test(value)
                ? undefined
                : `"${value}" has no digest; expected HOST/REPOSITORY@sha256:… and 64 hexadecimal digits`,
        description: "The signed image or index, `HOST/REPOSITORY@sha256:…`.",
    },
    publicKey: {
        type: "string",
        required: true,
        check: publicKeyFault,
        description: "The public key that verifies the signature, in PEM format.",
    },
    predicateType: {
        type: "string",
        default: signatureType,
        description: `URI of the type of the signed predicate; for an attestation that of its document, such as \`https://spdx.dev/Document\`. Defaults to \`${signatureType}\`, which \`cosign verify\` checks.`,
    },
    predicateDigest: {
        type: "string",
        description:
            "Digest of the predicate, `sha256:…`: another document needs another signature. Without it, any predicate of the type counts.",
    },
    username: {
        type: "string",
        writeOnly: true,
        description: "Account that may pull in the image's repository. Defaults to Docker's login.",
    },
    password: {
        type: "string",
        secret: true,
        writeOnly: true,
        description: "Password of the account.",
    },
    signature: {
        type: "string",
        outputOnly: true,
        description: "Digest of the signature's manifest.",
    },
} satisfies Properties;

type Inputs = Values<typeof properties>;

/** Why a text is not a public key; a preview without secrets has a placeholder. */
export function publicKeyFault(value: string): string | undefined {
    return isPlaceholder(value) || isPublicKey(value)
        ? undefined
        : "is not a public key; expected a PEM text that begins with -----BEGIN PUBLIC KEY-----";
}

/** `harbor.ImageSignature`: a signature that Harbor lists for the image and `cosign verify --key` accepts. */
export const imageSignature = resource({
    token: "harbor:index/imageSignature:ImageSignature",
    description:
        "The signature of an image in a registry, or a signed attestation about the image. A `CachedImage` with `sign` attaches it before this resource is created, and the resource verifies it with the public key: the private key is no input of any resource. Another digest, key or predicate needs another signature. The old ones stay with their images, also after `pulumi destroy`.",
    idAlias: "imageSignatureId",
    properties,
    identity: [],
    importForms: "none: declare it in the program",
    offline: true,
    renews: ["signature"],
    create: verify,
    async read(id, prior, context) {
        const { reference, publicKey, predicateType, predicateDigest, signature } = prior;
        if (typeof signature !== "string") {
            throw new UserError(
                "an ImageSignature cannot be imported. Fix: declare it in the program, which verifies the signature",
            );
        }
        const digest = predicateDigest === undefined ? {} : { predicateDigest };
        return (await isAttached(signature, prior, context))
            ? { id, outputs: { reference, publicKey, predicateType, ...digest, signature } }
            : undefined;
    },
    update: (_id, inputs, _olds, context) => verify(inputs, context),
    async delete() {
        // Deployments may still verify it: Harbor deletes it with its image.
    },
});

async function verify(inputs: Inputs, context: Context): Promise<State> {
    const { reference, publicKey, predicateType, predicateDigest } = inputs;
    const answer = await askRegistry(
        reference,
        loginsOf(inputs, context),
        context.registryOptions,
        async (session, { repository, selector: digest }) => {
            const wanted = { digest, predicateType, predicateDigest };
            return { found: await findStatement(session, repository, wanted, [publicKey]) };
        },
    );
    if ("reason" in answer) {
        throw new UserError(
            `reference: the signatures of ${reference} cannot be read: ${answer.reason}. ` +
                "Fix: use an account that may pull in this repository. If the answer is too long, delete the image's unfamiliar accessories in Harbor",
        );
    }
    if (answer.found === undefined) {
        throw new UserError(
            `reference: ${reference} has no signature of type ${predicateType} that publicKey verifies. ` +
                "Expected one that the program attached before. Fix: declare a CachedImage with sign, or sign the image first",
        );
    }
    return { id: repositoryOf(reference), outputs: { signature: answer.found } };
}

/**
 * Whether the manifest of a signature exists. What a registry does not answer stays in the state, with
 * a warning.
 */
async function isAttached(manifest: string, prior: Bag, context: Context): Promise<boolean> {
    const reference = `${repositoryOf(String(prior["reference"]))}@${manifest}`;
    const answer = await askRegistry(
        reference,
        loginsOf(prior, context),
        context.registryOptions,
        async (session, { repository, selector }) => {
            const head = await session.head(repository, `manifests/${selector}`);
            return head.fault === undefined ? { there: true } : new Refused(head.fault, head);
        },
    );
    if ("there" in answer) return true;
    if (answer.status === CacheSourceStatus.Missing) return false;
    await context.warn(`the signature ${reference} cannot be checked: ${answer.reason}`);
    return true;
}

/** The repository of a reference with a digest. */
const repositoryOf = (reference: string): string => reference.split("@", 1)[0] ?? "";

function loginsOf({ username, password }: Bag, { registryOptions, warn }: Context) {
    if (typeof username === "string" && typeof password === "string") {
        return () => ({ username, password });
    }
    const docker = new DockerLogins({
        env: registryOptions.env ?? process.env,
        onFault: ({ text, fix }) => void warn(`${text} Fix: ${fix}`),
    });
    return (registry: string) => docker.find(registry);
}
