import type { Claims } from "../harbor/claims";
import { lastRequest } from "../harbor/client";
import { RequestError, RequestErrorKind } from "../http/error";
import { connectionFault } from "../http/fault";
import type { HttpRequest } from "../http/message";
import { suggestion } from "../text/nearest";
import { type Checked, checkProperties } from "./check";
import { configuration, readConfiguration } from "./configuration";
import { Connection } from "./connection";
import { canonical, type Diff, DiffKind, diffResource } from "./diff";
import { type Failure, PartialError, topLevel, UserError } from "./failure";
import type { HarborFunction } from "./function";
import { type Autonaming, autoName } from "./naming";
import { needOf } from "./need";
import type { Resource, State } from "./resource";
import {
    complete,
    inputsRead,
    outputsAfter,
    outputsRead,
    predictCreate,
    predictUpdate,
} from "./state";
import { parseUrn } from "./urn";
import { type Bag, Unknown } from "./values";
import type { Warn } from "./warning";

/** Inputs of a check. */
export interface CheckRequest {
    readonly urn: string;
    readonly olds: Bag;
    readonly news: Bag;
    readonly seed: Uint8Array;
    readonly autonaming: Autonaming | undefined;
}

/** A resource in the engine's state. */
export interface Kept {
    readonly id: string;
    readonly outputs: Bag;
    readonly inputs: Bag;
}

/** The provider `harbor` without the wire format: every method takes and returns plain values. */
export class Provider {
    private readonly resources: ReadonlyMap<string, Resource>;
    private readonly functions: ReadonlyMap<string, HarborFunction>;
    private readonly env: NodeJS.ProcessEnv;
    private readonly connection: Connection;
    /** Resources that the engine replaces; their successors may have the same name. */
    private readonly replaced = new Set<string>();
    /** Resources that the program declares; `destroy` and `refresh` check none. */
    private readonly declared = new Map<string, Bag>();
    private readonly claims: Claims;

    constructor(parts: {
        resources: readonly Resource[];
        functions: readonly HarborFunction[];
        env: NodeJS.ProcessEnv;
        claims: Claims;
        warn: Warn;
    }) {
        this.resources = new Map(parts.resources.map((item) => [item.token, item]));
        this.functions = new Map(parts.functions.map((item) => [item.token, item]));
        this.env = parts.env;
        this.connection = new Connection(parts.env, parts.claims, parts.warn);
        this.claims = parts.claims;
    }

    checkConfig(news: Bag): readonly Failure[] {
        return readConfiguration(news, this.env).failures;
    }

    /** A changed configuration never replaces the provider, because the same Harbor may get a new address. */
    diffConfig(olds: Bag, news: Bag): Diff {
        const detailed = new Map<string, DiffKind>();
        for (const [key, property] of Object.entries(configuration)) {
            if (canonical(olds[key], property) !== canonical(news[key], property)) {
                detailed.set(key, DiffKind.Update);
            }
        }
        return { detailed, replaces: [], deleteBeforeReplace: false };
    }

    configure(values: Bag): void {
        this.connection.configure(values);
    }

    check(request: CheckRequest): Checked {
        const { type, name } = parseUrn(request.urn);
        const resource = this.resource(type);
        this.declared.set(request.urn, request.news);
        // At the check, so that previews report it.
        if (!resource.offline) this.connection.requireAddress();
        const alias = { type: "string", description: "" } as const;
        const table = { ...resource.properties, [resource.idAlias]: alias };
        const { inputs, failures } = checkProperties(request.news, table);
        const result: Record<string, unknown> = { ...inputs };
        delete result[resource.idAlias];
        const named = this.nameIfMissing(resource, name, result, request);
        // Values that are unknown or of the wrong type are given, but not checked with the others.
        const misshapen = failures.filter((failure) => failure.misshapen);
        const wrong = new Set(misshapen.map(({ property }) => topLevel(property)));
        const open = (key: string): boolean => wrong.has(key) || result[key] instanceof Unknown;
        const keys = Object.keys(result);
        const known = Object.fromEntries(
            keys.filter((key) => !open(key)).map((key) => [key, result[key]]),
        );
        const together = resource.check?.(known, new Set(keys.filter(open))) ?? [];
        return { inputs: result, failures: [...failures, ...named, ...together] };
    }

    diff(urn: string, kept: Kept, news: Bag): Diff {
        const diff = diffResource(this.resource(parseUrn(urn).type), kept.outputs, news);
        if (this.declared.has(urn)) this.claim(urn, kept.id, { isNew: false });
        if (diff.replaces.length > 0) this.replaced.add(urn);
        return diff;
    }

    async create(urn: string, inputs: Bag): Promise<State> {
        const { type } = parseUrn(urn);
        const resource = this.resource(type);
        return this.explained(async () => {
            try {
                const context = this.connection.context(urn);
                const made = await resource.create(complete(inputs, resource.properties), context);
                this.claim(urn, made.id, { isNew: true });
                return { id: made.id, outputs: outputsAfter(resource, inputs, made) };
            } catch (error) {
                if (!(error instanceof PartialError)) throw error;
                throw new PartialError(error.message, {
                    id: error.id,
                    outputs: outputsAfter(resource, inputs, error),
                    cause: error.cause,
                });
            }
        });
    }

    /**
     * Predicts a creation. When all inputs are known, this method asks Harbor whether it would refuse
     * the creation. It does not ask for a replacement, whose predecessor may still have the name.
     */
    async previewCreate(urn: string, inputs: Bag): Promise<Bag> {
        const { type } = parseUrn(urn);
        const resource = this.resource(type);
        const isKnown = !Object.values(inputs).some((value) => value instanceof Unknown);
        const { rehearse } = resource;
        if (rehearse && isKnown && this.connection.isKnown && !this.replaced.has(urn)) {
            const whole = complete(inputs, resource.properties);
            await this.asked(() => rehearse(whole, this.connection.context(urn)));
        }
        return predictCreate(resource, inputs, this.connection.robotPrefix);
    }

    /** Reads a resource; undefined when missing. In an import, `kept` has only the id. */
    async read(urn: string, kept: Kept): Promise<Kept | undefined> {
        const resource = this.resource(parseUrn(urn).type);
        const prior = { ...kept.inputs, ...kept.outputs };
        return this.asked(async () => {
            const found = await resource.read(kept.id, prior, this.connection.context());
            if (!found) return undefined;
            if (Object.keys(kept.outputs).length === 0) this.claim(urn, found.id, { isNew: true });
            const outputs = outputsRead(resource, found, prior);
            return { id: found.id, outputs, inputs: inputsRead(resource, outputs, kept.inputs) };
        });
    }

    async update(type: string, kept: Kept, news: Bag): Promise<Bag> {
        const resource = this.resource(type);
        return this.explained(async () => {
            const inputs = complete(news, resource.properties);
            const context = this.connection.context();
            const made = await resource.update(kept.id, inputs, kept.outputs, context);
            return outputsAfter(resource, news, made, kept.outputs);
        });
    }

    previewUpdate(type: string, kept: Kept, news: Bag): Bag {
        return predictUpdate(this.resource(type), kept.id, news, kept.outputs);
    }

    /** Deletes a resource, unless the program of the same run needs what the resource stands for. */
    async delete(urn: string, kept: Kept): Promise<void> {
        const { type } = parseUrn(urn);
        const resource = this.resource(type);
        const { host } = this.connection;
        const declared = this.declared.get(urn);
        const need = needOf({ urn, host, declared, ...kept }, this.claims.all());
        if (need !== undefined) return this.connection.context(urn).warn(need);
        // Values that only the program knows may be newer than the outputs: see `isKept` in diff.ts.
        const local = Object.entries(resource.properties)
            .filter(([key, property]) => property.local && kept.inputs[key] !== undefined)
            .map(([key]) => [key, kept.inputs[key]]);
        const olds = { ...kept.outputs, ...Object.fromEntries(local) };
        await this.explained(() => resource.delete(kept.id, olds, this.connection.context()));
    }

    async invoke(
        token: string,
        given: Bag,
    ): Promise<{ result: Bag; failures: readonly Failure[] }> {
        const found = this.functions.get(token);
        if (!found) {
            throw new UserError(
                `provider harbor has no function ${token}${suggestion(token, this.functions.keys())}`,
            );
        }
        const { inputs, failures } = checkProperties(given, found.inputs);
        if (failures.length > 0) return { result: {}, failures };
        this.connection.requireAddress();
        const result = await this.asked(() =>
            found.invoke(complete(inputs, found.inputs), this.connection.context()),
        );
        return { result, failures };
    }

    cancel(): void {
        this.connection.cancel();
    }

    close(): void {
        this.connection.close();
    }

    /** Names of the properties that are always secret. */
    secretsOf(type: string): ReadonlySet<string> {
        const properties = this.resource(type).properties;
        return new Set(Object.keys(properties).filter((key) => properties[key]?.secret));
    }

    private claim(urn: string, id: string, { isNew }: { readonly isNew: boolean }): void {
        const { host } = this.connection;
        if (host !== undefined) this.claims.add({ urn, type: parseUrn(urn).type, id, host, isNew });
    }

    private nameIfMissing(
        resource: Resource,
        logicalName: string,
        inputs: Record<string, unknown>,
        request: CheckRequest,
    ): readonly Failure[] {
        const key = Object.keys(resource.properties).find(
            (name) => resource.properties[name]?.autoNamed,
        );
        if (key === undefined || inputs[key] !== undefined) return [];
        const adapt = resource.autoName ?? ((name: string) => name);
        const { seed, autonaming } = request;
        inputs[key] = request.olds[key] ?? autoName({ logicalName, adapt, seed, autonaming });
        if (inputs[key] !== undefined) return [];
        return [{ property: key, reason: "is missing, and automatic naming is turned off" }];
    }

    private resource(type: string): Resource {
        const found = this.resources.get(type);
        if (found) return found;
        throw new UserError(
            `provider harbor has no resource ${type}${suggestion(type, this.resources.keys())}`,
        );
    }

    /** For operations that change nothing in Harbor. */
    private asked<T>(work: () => Promise<T>): Promise<T> {
        return this.explained(() => this.connection.untilCancelled(work()));
    }

    private explained<T>(work: () => Promise<T>): Promise<T> {
        const operation: { readonly sent?: () => HttpRequest } = {};
        return lastRequest.run(operation, work).catch((error: unknown) => {
            const { sent } = operation;
            const isContent =
                error instanceof RequestError && error.kind === RequestErrorKind.Protocol;
            const located = isContent && sent ? connectionFault(sent(), error) : error;
            throw this.connection.explain(located);
        });
    }
}
