import type { Failure } from "../failure";
import type { ReplicationFilter } from "../harbor/replication";
import type { ObjectType, Values } from "../property";
import { oneOf } from "../rules";
import { hasUnknown } from "../values";

/** One filter of a replication, as programs write it. */
export const replicationFilter = {
    name: "ReplicationFilter",
    description:
        "Conditions for replicated artifacts: `name`, `tag`, `labels` or `resource`. Several conditions in one filter all apply.",
    properties: {
        name: {
            type: "string",
            description: "Repositories, as a doublestar pattern such as `library/**`.",
        },
        tag: {
            type: "string",
            description: "Tags, as a doublestar pattern such as `v*`.",
        },
        labels: {
            type: { list: "string", unordered: true },
            description: "Names of labels that the artifact must have.",
        },
        resource: {
            type: "string",
            check: (value: string) => (value === "" ? undefined : kindRule(value)),
            description: "Kind of artifact: `image` or `artifact`. Default: all.",
        },
        decoration: {
            type: "string",
            check: (value: string) => (value === "" ? undefined : decorationRule(value)),
            description:
                "Whether Harbor replicates artifacts with `tag` and `labels` (`matches`) or all others (`excludes`). Default: matches.",
        },
    },
} as const satisfies ObjectType;

/** Kinds in Harbor 2.8 and newer, which has no separate charts. */
const kindRule = oneOf("image", "artifact");
const decorationRule = oneOf("matches", "excludes");

type Filter = Partial<Values<(typeof replicationFilter)["properties"]>>;

/** Filters in one spelling: one condition per filter, without defaults. */
export function singleFilters(filters: readonly Filter[]): readonly Filter[] {
    return filters.flatMap(({ name, tag, labels, resource, decoration }) => {
        const excludes = decoration === "excludes" ? { decoration } : {};
        return [
            ...(name ? [{ name }] : []),
            // Spaces have no meaning in a tag; the bridged provider removed them.
            ...(tag ? [{ tag: tag.replaceAll(" ", ""), ...excludes }] : []),
            ...(labels && labels.length > 0 ? [{ labels: [...labels], ...excludes }] : []),
            ...(resource ? [{ resource }] : []),
        ];
    });
}

/** Filters in Harbor's form. */
export function toFilters(filters: readonly Filter[]): ReplicationFilter[] {
    return singleFilters(filters).map(({ name, tag, labels, resource, decoration }) => {
        if (tag) return { type: "tag", value: tag, decoration: decoration ?? "matches" };
        if (labels) return { type: "label", value: labels, decoration: decoration ?? "matches" };
        if (name) return { type: "name", value: name, decoration: undefined };
        return { type: "resource", value: resource ?? "", decoration: undefined };
    });
}

/** Harbor's filters as programs write them. */
export function fromFilters(filters: readonly ReplicationFilter[]): Filter[] {
    return filters.map(({ type, value, decoration }) => {
        const extra = decoration ? { decoration } : {};
        if (typeof value !== "string") return { labels: value, ...extra };
        return type === "tag" ? { tag: value, ...extra } : { [type]: value };
    });
}

/** Why filters are invalid, beyond their single members. */
export function judgeFilters(filters: readonly Filter[]): Failure[] {
    return filters.flatMap((filter, index): Failure[] => {
        if (hasUnknown(filter)) return [];
        const property = `filters[${index}]`;
        const { tag, labels, decoration } = filter;
        if (singleFilters([filter]).length === 0) {
            return [{ property, reason: "names nothing; give name, tag, labels or resource" }];
        }
        if (decoration !== "excludes" || tag || (labels && labels.length > 0)) return [];
        const reason =
            '"excludes" is for tag and labels; Harbor cannot exclude by name or resource';
        return [{ property: `${property}.decoration`, reason }];
    });
}
