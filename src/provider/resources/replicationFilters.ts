import type { ReplicationFilter } from "../../harbor/replication";
import type { Failure } from "../failure";
import type { ObjectType, Values } from "../property";
import { oneOf } from "../rules";
import { hasUnknown } from "../values";

/** A condition on what is replicated, as programs write it. */
export const replicationFilter = {
    name: "ReplicationFilter",
    description:
        "A condition on what is replicated: `name`, `tag`, `labels` or `resource`. Of several in one filter, each counts.",
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
            description: "Names of labels that an artifact has.",
        },
        resource: {
            type: "string",
            check: (value: string) => (value === "" ? undefined : kindRule(value)),
            description: "Kind of thing: `image` or `artifact`. Default: everything.",
        },
        decoration: {
            type: "string",
            check: (value: string) => (value === "" ? undefined : decorationRule(value)),
            description:
                "Whether `tag` and `labels` name what is replicated, `matches`, or what is not, `excludes`. Default: matches.",
        },
    },
} as const satisfies ObjectType;

/** Kinds of Harbor 2.8 and newer, which have no charts of their own. */
const kindRule = oneOf("image", "artifact");
const decorationRule = oneOf("matches", "excludes");

type Filter = Partial<Values<(typeof replicationFilter)["properties"]>>;

/** The same filters in one spelling: one condition each, and what is the default left out. */
export function singleFilters(filters: readonly Filter[]): readonly Filter[] {
    return filters.flatMap(({ name, tag, labels, resource, decoration }) => {
        const excludes = decoration === "excludes" ? { decoration } : {};
        return [
            ...(name ? [{ name }] : []),
            // Spaces mean nothing in a tag: the bridged provider took them out.
            ...(tag ? [{ tag: tag.replaceAll(" ", ""), ...excludes }] : []),
            ...(labels && labels.length > 0 ? [{ labels: [...labels], ...excludes }] : []),
            ...(resource ? [{ resource }] : []),
        ];
    });
}

/** Filters as Harbor takes them. */
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

/** What is wrong with filters beyond their single members. */
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
