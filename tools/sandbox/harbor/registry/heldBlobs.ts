import type { Store } from "../core/store";

/** Counts a blob in a project. */
export function holdBlob(store: Store, projectId: number, digest: string, size: number): void {
    if (store.of("blobs").get(digest)?.size !== size) {
        store.of("blobs").put({ id: digest, size });
    }
    const id = `${projectId}:${digest}`;
    if (store.of("projectBlobs").get(id) === undefined) {
        store.of("projectBlobs").put({ id, projectId, digest });
    }
}

/** Whether a project counts a blob. */
export const holdsBlob = (store: Store, projectId: number, digest: string): boolean =>
    store.of("projectBlobs").get(`${projectId}:${digest}`) !== undefined;
