import * as pulumi from "@pulumi/pulumi";
import { type Fault, UserError } from "../arguments/userError";
import { hasEngine } from "../engine/currentRun";
import { outsideSigner, readSigningKey, type Signer } from "../signing/key";
import { isPlaceholder, placeholder } from "../text/placeholder";
import type { CachedImageArgs, CachedImageSignArgs, CachedImageSigner } from "./args";

/** The key that signs a component's images. */
export interface ImageSigning {
    /** The public key in PEM format. An invalid key fails it, and everything that waits for it. */
    readonly publicKey: pulumi.Output<string>;
    /** Never resolves while the key is unknown. */
    signer(): Promise<Signer>;
}

/** Reads the key of a component; undefined without one. */
export function readSigning(name: string, { sign }: CachedImageArgs): ImageSigning | undefined {
    if (sign === undefined) {
        return undefined;
    }
    const subject = `CachedImage "${name}"`;
    const { signer } = sign;
    const read =
        signer === undefined
            ? pulumi
                  .all([sign.key, sign.password])
                  .apply(([key = "", password]) => signerFrom(subject, key, password))
            : pulumi
                  .output(signer.publicKey)
                  .apply((publicKey) => signerOutside(subject, publicKey, signer));
    return {
        publicKey: pulumi.unsecret(read.apply(({ publicKey }) => publicKey)),
        signer: () => new Promise((resolve) => read.apply(resolve)),
    };
}

/** @throws UserError for an unusable key. */
function signerFrom(subject: string, key: string, password: string | undefined): Signer {
    // A preview without secrets signs nothing. Under Pulumi's mocks, keys are any texts.
    if (isPlaceholder(key) || !hasEngine()) {
        const sign = async () => new Uint8Array();
        return { publicKey: placeholder, sign };
    }
    const read = readSigningKey(key, password);
    if ("fault" in read) {
        const { value, reason: message } = read.fault;
        throw new UserError(subject, [{ path: `sign.${value}`, message }]);
    }
    return read;
}

/** @throws UserError for an unusable public key. */
function signerOutside(subject: string, publicKey: string, signer: CachedImageSigner): Signer {
    if (isPlaceholder(publicKey) || !hasEngine()) {
        return { publicKey: placeholder, sign: async (data) => signer.sign(data) };
    }
    const read = outsideSigner(publicKey, async (data) => signer.sign(data));
    if ("fault" in read) {
        throw new UserError(subject, [
            { path: "sign.signer.publicKey", message: read.fault.reason },
        ]);
    }
    return read;
}

export function signFaults(sign: CachedImageSignArgs | undefined): Fault[] {
    if (sign === undefined) {
        return [];
    }
    const { key, password, signer } = sign;
    if (signer === undefined) {
        const missing = "missing. Expected a secret of the Pulumi configuration, or sign.signer";
        return key === undefined ? [{ path: "sign.key", message: missing }] : [];
    }
    const conflict = "conflicts with sign.signer, which has the key. Fix: remove one of them";
    return Object.entries({ key, password }).flatMap(([name, value]) =>
        value === undefined ? [] : [{ path: `sign.${name}`, message: conflict }],
    );
}

/** Warnings about a key that others can read, and about a missing one. */
export function signWarnings({ sign, project }: CachedImageArgs): readonly string[] {
    if (sign === undefined) {
        return project.contentTrust
            ? [
                  `sign: missing, but the project "${project.name}" has content trust: Harbor lets nobody pull the image until it is signed. Fix: set sign.key`,
              ]
            : [];
    }
    const { key } = sign;
    return typeof key !== "string" || key.includes("ENCRYPTED")
        ? []
        : Object.entries(pulumi.runtime.allConfig())
              .filter(([, value]) => value === key)
              .map(
                  ([name]) =>
                      `sign.key: the private key in the configuration ${name} is not a secret. Expected an encrypted value. ` +
                      `Fix: pulumi config set --secret ${name}, and read it with requireSecret; make a new key if others have read the file`,
              );
}
