import type { Api, Call, Reply } from "./core/api";
import { badRequest, conflict, notFound } from "./core/fault";
import { anything, boolean, int64, list, map, string, struct } from "./core/goJson";
import type { ImmutableRule, Project, Selector } from "./core/model";
import { projectFor } from "./projectAccess";

export const selectorShape = struct("ImmutableSelector", {
    kind: string(),
    decoration: string(),
    pattern: string(),
    extras: string(),
});
type Given = Omit<ImmutableRule, "projectId" | "content">;

const shape = struct("ImmutableRule", {
    id: int64,
    priority: int64,
    disabled: boolean,
    action: string(),
    template: string(),
    params: map(anything),
    tag_selectors: list(selectorShape),
    scope_selectors: map(list(selectorShape)),
});

/** Harbor omits empty fields. */
const selectorView = (selector: Selector): object =>
    Object.fromEntries(Object.entries(selector).filter(([, value]) => value !== ""));

function view(rule: ImmutableRule): object {
    const { params } = rule;
    return {
        ...(rule.action === "" ? {} : { action: rule.action }),
        ...(rule.disabled ? { disabled: true } : {}),
        id: rule.id,
        ...(Object.keys(params).length === 0 ? {} : { params }),
        ...(Object.keys(rule.scopeSelectors).length === 0
            ? {}
            : {
                  scope_selectors: Object.fromEntries(
                      Object.entries(rule.scopeSelectors).map(([key, list]) => [
                          key,
                          list.map(selectorView),
                      ]),
                  ),
              }),
        tag_selectors: rule.tagSelectors.length === 0 ? null : rule.tagSelectors.map(selectorView),
        ...(rule.template === "" ? {} : { template: rule.template }),
    };
}

/** Harbor does not check a rule, not even whether it exists in the body. */
function read(call: Call): Given {
    const body = call.body("ImmutableRule", shape);
    return {
        id: body.id ?? 0,
        disabled: body.disabled ?? false,
        action: body.action ?? "",
        template: body.template ?? "",
        params: body.params ?? {},
        tagSelectors: body.tag_selectors ?? [],
        scopeSelectors: body.scope_selectors ?? {},
    };
}

/** A rule's content, which must be unique in a project. It includes the id, as in Harbor. */
const contentOf = (rule: Given): string =>
    JSON.stringify([
        rule.id,
        rule.disabled,
        rule.action,
        rule.template,
        rule.params,
        rule.tagSelectors,
        rule.scopeSelectors,
    ]);

function create(call: Call): Reply {
    const rule = read(call);
    const project = projectFor(call, "immutable-tag", "create");
    const rules = call.services.store.of("immutableRules");
    const id = rules.nextId();
    const same = rules.find(
        (one) => one.projectId === project.id && one.content === contentOf(rule),
    );
    if (same !== undefined) {
        throw conflict("immutable rule already exists");
    }
    // Harbor enables a new rule and ignores its `disabled`.
    const more = { projectId: project.id, disabled: false, content: contentOf(rule) };
    rules.put({ ...rule, id, ...more });
    const place = call.param("project_name_or_id");
    const Location = `/api/v2.0/projects/${place}/immutabletagrules/${id}`;
    return { status: 201, headers: { Location } };
}

function find(call: Call, project: Project): ImmutableRule {
    const id = call.number("immutable_rule_id");
    const rule = call.services.store.of("immutableRules").get(id);
    if (rule === undefined) {
        throw notFound(`immutable rule ${id} not found`);
    }
    if (rule.projectId !== project.id) {
        throw notFound(`resource not found: project id ${project.id} does not match`);
    }
    return rule;
}

function update(call: Call): Reply {
    const given = read(call);
    const project = projectFor(call, "immutable-tag", "update");
    if (given.id !== call.number("immutable_rule_id")) {
        throw badRequest(
            "bad request: the immutable_rule_id doesn't match the id in the payload body of ImmutableRule",
        );
    }
    const rule = find(call, project);
    const { disabled } = given;
    // When `disabled` changes, Harbor changes nothing else.
    const changes =
        disabled === rule.disabled ? { ...given, content: contentOf(given) } : { disabled };
    call.services.store.of("immutableRules").update(rule.id, changes);
    return {};
}

export function immutableRuleRoutes(api: Api): void {
    const all = "/projects/:project_name_or_id/immutabletagrules";
    api.on("GET", all, (call) => {
        const project = projectFor(call, "immutable-tag", "list");
        const rules = call.services.store.of("immutableRules");
        const mine = rules.filter((rule) => rule.projectId === project.id);
        return call.page(
            mine.sort((a, b) => a.id - b.id),
            view,
        );
    });
    api.on("POST", all, create);
    api.on("PUT", `${all}/:immutable_rule_id`, update);
    api.on("DELETE", `${all}/:immutable_rule_id`, (call) => {
        const project = projectFor(call, "immutable-tag", "delete");
        call.services.store.of("immutableRules").remove(find(call, project).id);
        return {};
    });
}
