/** What stands for each secret in a public state and in the configuration of its previews. */
export const placeholder = "harbor-build-no-secret";

/** Variable that is set while a preview runs against a public state. */
export const publicPreviewVariable = "HARBOR_BUILD_PUBLIC_PREVIEW";

/** Whether a value stands for a secret that this run does not have. Requests with it are anonymous. */
export function isPlaceholder(value: unknown): boolean {
    return value === placeholder;
}

/** Whether this run is a preview against a public state. */
export function isPublicPreview(env: NodeJS.ProcessEnv = process.env): boolean {
    return Boolean(env[publicPreviewVariable]);
}
