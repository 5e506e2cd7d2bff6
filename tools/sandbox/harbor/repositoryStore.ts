import { now, type Repository } from "./core/model";
import type { Store } from "./core/store";

export const findRepository = (store: Store, name: string): Repository | undefined =>
    store.of("repositories").find((repository) => repository.name === name);

/** The record of a repository, made when its first artifact comes. */
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

/** Notes that something in the repository changed. */
export function touchRepository(store: Store, id: number): void {
    store.of("repositories").update(id, { updated: now() });
}
