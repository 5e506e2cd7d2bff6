import { InitFailed, type PluginClient, type Wire } from "./pluginClient";

/** One resource of a stack's state. */
interface Kept {
    readonly id: string;
    readonly inputs: Wire;
    readonly outputs: Wire;
    /** Whether its creation was not completed: the next run updates it. */
    readonly isIncomplete: boolean;
}

type State = Map<string, Kept>;

interface Declared {
    readonly type: string;
    /** The inputs, given the ids of resources that were declared before. */
    readonly inputs: (idOf: (name: string) => string) => Wire;
}

/** What an `ImageProject` with retention and immutable tags declares in Harbor, in its order. */
export function imageProject(name: string): Readonly<Record<string, Declared>> {
    const robot = (role: string, actions: readonly string[]): Declared => ({
        type: "harbor:index/robotAccount:RobotAccount",
        inputs: () => ({
            name: `${role}-1a2b3c4`,
            level: "project",
            permissions: [
                {
                    kind: "project",
                    namespace: name,
                    accesses: actions.map((action) => ({ resource: "repository", action })),
                },
            ],
        }),
    });
    return {
        project: {
            type: "harbor:index/project:Project",
            inputs: () => ({ name, storageQuota: 10, vulnerabilityScanning: true }),
        },
        retention: {
            type: "harbor:index/retentionPolicy:RetentionPolicy",
            inputs: (idOf) => ({
                scope: idOf("project"),
                schedule: "Daily",
                rules: [
                    { nDaysSinceLastPull: 30, repoMatching: "**/cache", tagMatching: "**" },
                    { alwaysRetain: true, repoExcluding: "**/cache", tagMatching: "**" },
                ],
            }),
        },
        immutableTags: {
            type: "harbor:index/immutableTagRule:ImmutableTagRule",
            inputs: (idOf) => ({
                projectId: idOf("project"),
                repoExcluding: "**/cache",
                tagMatching: "v*",
            }),
        },
        push: robot("push", ["pull", "push"]),
        pull: robot("pull", ["pull"]),
    };
}

/** A stack that declares resources through the provider in the engine's way, one after the other. */
export class ProviderStack {
    readonly state: State = new Map();
    private readonly plugin: PluginClient;
    private readonly program: Readonly<Record<string, Declared>>;

    constructor(plugin: PluginClient, program: Readonly<Record<string, Declared>>) {
        this.plugin = plugin;
        this.program = program;
    }

    /** Creates what is missing and updates what differs; ends at the first error, which it returns. */
    up(): Promise<string | undefined> {
        return this.each(Object.keys(this.program), (name) => this.apply(name));
    }

    /** Deletes everything, the last first; ends at the first error, which it returns. */
    destroy(): Promise<string | undefined> {
        return this.each([...this.state.keys()].reverse(), async (name) => {
            const { type, kept } = this.find(name);
            if (kept === undefined) return;
            await this.plugin.as(name).delete(type, kept.id, kept.outputs, kept.inputs);
            this.state.delete(name);
        });
    }

    /** Reads everything, and forgets what is gone; ends at the first error, which it returns. */
    refresh(): Promise<string | undefined> {
        return this.each([...this.state.keys()], async (name) => {
            const { type, kept } = this.find(name);
            if (kept === undefined) return;
            const plugin = this.plugin.as(name);
            const { id, outputs } = await plugin.read(type, kept.id, kept.outputs, kept.inputs);
            if (id === "") this.state.delete(name);
            else this.state.set(name, { ...kept, id, outputs });
        });
    }

    private find(name: string) {
        return { type: this.program[name]?.type ?? "", kept: this.state.get(name) };
    }

    private async each(
        names: readonly string[],
        act: (name: string) => Promise<void>,
    ): Promise<string | undefined> {
        for (const name of names) {
            try {
                await act(name);
            } catch (error) {
                return error instanceof Error ? error.message : String(error);
            }
        }
        return undefined;
    }

    private async apply(name: string): Promise<void> {
        const { type, kept } = this.find(name);
        const plugin = this.plugin.as(name);
        const idOf = (other: string) => this.state.get(other)?.id ?? "";
        const given = this.program[name]?.inputs(idOf) ?? {};
        const olds = kept === undefined ? {} : { olds: kept.inputs };
        const { inputs, failures } = await plugin.check(type, given, olds);
        if (Object.keys(failures).length > 0) throw new Error(JSON.stringify(failures));
        if (kept === undefined) return this.create(name, inputs);
        const diff = await plugin.diff(type, kept.outputs, inputs, kept.inputs, kept.id);
        if (diff.replaces.length > 0) {
            await this.plugin.as(name).delete(type, kept.id, kept.outputs, kept.inputs);
            this.state.delete(name);
            return this.create(name, inputs);
        }
        if (diff.changes || kept.isIncomplete) {
            const outputs = await plugin.update(type, kept.id, kept.outputs, inputs);
            this.state.set(name, { id: kept.id, inputs, outputs, isIncomplete: false });
        }
    }

    private async create(name: string, inputs: Wire): Promise<void> {
        const { type } = this.find(name);
        try {
            const { id, outputs } = await this.plugin.as(name).create(type, inputs);
            this.state.set(name, { id, inputs, outputs, isIncomplete: false });
        } catch (error) {
            if (error instanceof InitFailed) {
                const { id, properties: outputs } = error;
                this.state.set(name, { id, inputs, outputs, isIncomplete: true });
            }
            throw error;
        }
    }
}
