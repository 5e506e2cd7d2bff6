import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Kinds } from "./model";

type Key = number | string;
type Undo = () => void;

/** Records of one kind: read from memory, and written to the database at once. */
export class Collection<T extends { readonly id: Key }> {
    readonly #store: Store;
    readonly #kind: string;
    readonly #records = new Map<Key, T>();

    constructor(store: Store, kind: string) {
        this.#store = store;
        this.#kind = kind;
    }

    get(id: Key): T | undefined {
        return this.#records.get(id);
    }

    values(): T[] {
        return [...this.#records.values()];
    }

    find(matches: (record: T) => boolean): T | undefined {
        for (const record of this.#records.values()) {
            if (matches(record)) {
                return record;
            }
        }
        return undefined;
    }

    filter(matches: (record: T) => boolean): T[] {
        return this.values().filter(matches);
    }

    get size(): number {
        return this.#records.size;
    }

    put(record: T): T {
        const before = this.#records.get(record.id);
        this.#store.write(this.#kind, record.id, JSON.stringify(record), () =>
            before === undefined
                ? this.#records.delete(record.id)
                : this.#records.set(record.id, before),
        );
        this.#records.set(record.id, record);
        return record;
    }

    /** Replaces the given fields of an existing record. */
    update(id: Key, changes: Partial<T>): T {
        const before = this.#records.get(id);
        if (before === undefined) {
            throw new Error(`${this.#kind} ${id}: no such record`);
        }
        return this.put({ ...before, ...changes });
    }

    remove(id: Key): void {
        const before = this.#records.get(id);
        if (before === undefined) {
            return;
        }
        this.#store.erase(this.#kind, id, () => this.#records.set(id, before));
        this.#records.delete(id);
    }

    removeWhere(matches: (record: T) => boolean): void {
        for (const record of this.filter(matches)) {
            this.remove(record.id);
        }
    }

    /** The next number of this kind. Numbers are never used twice, as in a database sequence. */
    nextId(): number {
        return this.#store.nextId(this.#kind);
    }

    /** Loads the records of the database. @internal */
    load(id: Key, record: T): void {
        this.#records.set(id, record);
    }
}

/**
 * The sandbox's data: one SQLite file in write-ahead mode. After a kill at any moment, every
 * answered change is stored, and no incomplete change is.
 */
export class Store {
    readonly #database: DatabaseSync;
    readonly #put: StatementSync;
    readonly #delete: StatementSync;
    readonly #sequence: StatementSync;
    readonly #collections = new Map<string, Collection<{ id: Key }>>();
    #undo: Undo[] | undefined;

    constructor(dataDir: string) {
        mkdirSync(dataDir, { recursive: true, mode: 0o700 });
        this.#database = new DatabaseSync(join(dataDir, "harbor.sqlite"));
        this.#database.exec(`
            PRAGMA locking_mode = EXCLUSIVE;
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = NORMAL;
            CREATE TABLE IF NOT EXISTS record (kind TEXT, id ANY, body TEXT NOT NULL,
                PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS sequence (kind TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT;
        `);
        this.#put = this.#database.prepare(
            "INSERT INTO record VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
        );
        this.#delete = this.#database.prepare("DELETE FROM record WHERE kind = ? AND id = ?");
        this.#sequence = this.#database.prepare(
            "INSERT INTO sequence VALUES (?, 1) ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last",
        );
        for (const row of this.#database.prepare("SELECT kind, id, body FROM record").iterate()) {
            const id = row["id"] as Key; // The column contains only what put() received.
            this.#collection(String(row["kind"])).load(id, JSON.parse(String(row["body"])));
        }
    }

    /** The records of a kind. */
    of<K extends keyof Kinds>(kind: K): Collection<Kinds[K]> {
        // Only this method writes records of a kind, so they have the kind's shape.
        return this.#collection(kind) as unknown as Collection<Kinds[K]>;
    }

    #collection(kind: string): Collection<{ id: Key }> {
        let collection = this.#collections.get(kind);
        if (collection === undefined) {
            collection = new Collection(this, kind);
            this.#collections.set(kind, collection);
        }
        return collection;
    }

    /** Runs `change` as a transaction: keeps all its writes, or none when it throws. */
    transaction<R>(change: () => R): R {
        if (this.#undo !== undefined) {
            return change();
        }
        const undo: Undo[] = [];
        this.#undo = undo;
        this.#database.exec("BEGIN");
        try {
            const result = change();
            this.#database.exec("COMMIT");
            return result;
        } catch (error) {
            this.#database.exec("ROLLBACK");
            for (const step of undo.reverse()) {
                step();
            }
            throw error;
        } finally {
            this.#undo = undefined;
        }
    }

    nextId(kind: string): number {
        return Number(this.#sequence.get(kind)?.["last"]);
    }

    /** @internal */
    write(kind: string, id: Key, body: string, undo: Undo): void {
        this.#put.run(kind, id, body);
        this.#undo?.push(undo);
    }

    /** @internal */
    erase(kind: string, id: Key, undo: Undo): void {
        this.#delete.run(kind, id);
        this.#undo?.push(undo);
    }

    close(): void {
        this.#database.close();
    }
}
