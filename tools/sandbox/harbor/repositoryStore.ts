import { now, type Repository } from "./core/model";
import type { Store } from "./core/store";

export const findRepository = (store: Store, name: string): Repository | undefined =>
    store.of("repositories").find((repository) => repository.name === name);

/** The record of a repository, created with its first artifact. */
export function ensureRepository(store: Store, projectId: number, name: string): Repository {
    const found = findRepository(store, name);
    if (found !== undefined) {
        return found;
    }
    const at = now();
    const id = store.nextId("repositories");
    return store.of("repositories").put({
        id,
        projectId,
        name,
        description: "",
        pulls: 0,
        created: at,
        updated: at,
    });
}

/** Records a change in the repository. */
export function touchRepository(store: Store, id: number): void {
    store.of("repositories").update(id, { updated: now() });
}
