import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { answer, type Fault, type Passed, reset } from "../../support/faultyProxy";
import { assertSection } from "../../support/golden";
import { imageProject, ProviderStack } from "../../support/imageProjectRun";
import { type ProviderBench, startProviderBench } from "../../support/providerBench";
import { tableOf } from "../../support/table";

const json = { "content-type": "application/json" };
const refusal = (status: number): Pick<Fault, "act"> => ({
    act: answer(status, `{"errors":[{"code":"INJECTED","message":"injected"}]}`, json),
});
const statuses = [400, 401, 403, 404, 409, 412, 413, 429, 500, 502, 503, 504, 507];

/** Every fault that a request meets once. */
const faults: Readonly<Record<string, Pick<Fault, "act" | "afterwards">>> = {
    ...Object.fromEntries(statuses.map((status) => [String(status), refusal(status)])),
    "reset before": { act: reset },
    "reset after": { act: reset, afterwards: true },
    "500 after": { act: answer(500, "<html>failed</html>"), afterwards: true },
    "502 after": { ...refusal(502), afterwards: true },
    truncated: {
        act: (response, harbor) => {
            const body = harbor?.body ?? "";
            response.writeHead(harbor?.status ?? 200, {
                ...harbor?.headers,
                "content-length": body.length + 10,
            });
            response.write(body.slice(0, body.length / 2));
            response.socket?.end();
        },
        afterwards: true,
    },
    delayed: {
        act: (response, harbor) => {
            setTimeout(() => {
                response.writeHead(harbor?.status ?? 200, harbor?.headers);
                response.end(harbor?.body);
            }, 300);
        },
        afterwards: true,
    },
};

/** A request of a run: what it is, and how many such requests came before it in the run. */
interface Point {
    readonly request: string;
    readonly nth: number;
}

type Command = "up" | "refresh" | "destroy";

const benches: ProviderBench[] = [];
before(async () => {
    for (let at = 0; at < 8; at++) benches.push(await startProviderBench());
});
after(() => Promise.all(benches.map((bench) => bench.close())));

let runs = 0;
/** A new stack of a project of its own. */
function newStack(bench: ProviderBench) {
    const name = `every-${++runs}`;
    return { name, stack: new ProviderStack(bench.plugin, imageProject(name)) };
}

/** Brings the stack to where the command starts, with a new connection as each run has one. */
async function beforeRun(bench: ProviderBench, stack: ProviderStack, command: Command) {
    if (command !== "up") assert.equal(await stack.up(), undefined);
    await bench.plugin.configure({ ...bench.login });
}

/** A request without what differs between two runs. */
const shape = ({ method, path }: Passed, name: string) =>
    `${method} ${decodeURIComponent(path)
        .replace("/api/v2.0", "")
        .replaceAll(name, "shop")
        .replace(/\b\d+\b/g, "N")}`;

/** Everything of a project in Harbor, sorted. */
async function contents({ harbor }: ProviderBench, name: string): Promise<readonly string[]> {
    const client = harbor.client();
    const get = async (path: string) => (await client.get(path)).body as Record<string, unknown>[];
    const [project] = (await get(`/projects?name=${name}`)).filter((one) => one["name"] === name);
    if (project === undefined) return [];
    const id = project["project_id"];
    const metadata = project["metadata"] as Record<string, unknown>;
    const robots = await get(`/robots?q=Level=project,ProjectID=${id}`);
    const rules = await get(`/projects/${id}/immutabletagrules`);
    return [
        "project",
        ...(metadata["retention_id"] === undefined ? [] : ["retention"]),
        ...rules.map(() => "immutableTags"),
        ...robots.map((robot) => String(robot["name"]).replace(/^.*\+(\w+)-.*$/, "$1")),
    ].sort();
}

/** The requests of a command that succeeds, in order. */
async function pointsOf(command: Command): Promise<readonly Point[]> {
    const [bench] = benches;
    assert.ok(bench);
    const { name, stack } = newStack(bench);
    await beforeRun(bench, stack, command);
    bench.proxy.passed.splice(0);
    assert.equal(await stack[command](), undefined);
    const seen = new Map<string, number>();
    return bench.proxy.passed.splice(0).map((passed) => {
        const request = shape(passed, name);
        const nth = seen.get(request) ?? 0;
        seen.set(request, nth + 1);
        return { request, nth };
    });
}

interface Outcome {
    readonly message: string;
    /** What Harbor has and the state lacks, and the other way round. */
    readonly left: string;
    readonly next: string;
}

const role = (name: string) => (/^(push|pull)$/.test(name) ? "robot account" : name);
const stays = "nothing to do: it stays there";
const minus = (all: readonly string[], others: readonly string[]) =>
    all.filter((one) => !others.includes(one));

/** Runs a command in which one request fails, and the same command again. */
async function tryPoint(
    bench: ProviderBench,
    command: Command,
    { request, nth }: Point,
    fault: Pick<Fault, "act" | "afterwards">,
): Promise<Outcome> {
    const { name, stack } = newStack(bench);
    await beforeRun(bench, stack, command);
    let before = nth;
    let isReached = false;
    bench.proxy.inject({
        method: request.slice(0, request.indexOf(" ")),
        path: "",
        when: (passed) => !isReached && shape(passed, name) === request && before-- === 0,
        ...fault,
        act: (...args) => {
            isReached = true;
            fault.act(...args);
        },
    });
    const error = await stack[command]();
    bench.proxy.stopFaults();
    assert.ok(isReached, `${command}: ${request} was not reached`);
    const [inHarbor, inState] = [await contents(bench, name), [...stack.state.keys()].sort()];
    const lost = minus(inHarbor, inState).map(role);
    const gone = minus(inState, inHarbor).map(role);
    const again = error === undefined ? undefined : await stack[command]();
    const expected = command === "destroy" ? [] : Object.keys(imageProject(name)).sort();
    const atEnd = await contents(bench, name);
    const isRight =
        JSON.stringify(atEnd) === JSON.stringify(expected) &&
        JSON.stringify([...stack.state.keys()].sort()) === JSON.stringify(expected);
    await stack.destroy();
    return {
        message: error === undefined ? "none" : normal(error, name, bench),
        left:
            [
                ...(lost.length === 0 ? [] : [`only in Harbor: ${lost.join(", ")}`]),
                ...(gone.length === 0 ? [] : [`only in the state: ${gone.join(", ")}`]),
            ].join("; ") || "nothing",
        next:
            again !== undefined
                ? `fails: ${normal(again, name, bench)}`
                : isRight
                  ? error === undefined
                      ? "nothing to do"
                      : "completes"
                  : stays,
    };
}

const normal = (text: string, name: string, { proxy }: ProviderBench) =>
    text
        .split("\n")
        .join(" ")
        .replaceAll(name, "shop")
        .replaceAll(proxy.url, "https://harbor.example.com")
        .replace(/(?<=\/|page=|page_size=)\d+\b/g, "N")
        .replace(/answered \d+/, "answered STATUS")
        .replace(/ \((GET|POST|PUT|DELETE|PATCH) \S+\)/, " (METHOD URL)")
        .replace(/"(push|pull)-1a2b3c4"/g, '"ROLE-1a2b3c4"');

/** A group of requests, faults and outcomes that is one row of the table. */
interface Row {
    readonly requests: Set<string>;
    readonly kinds: readonly string[];
    readonly outcome: Outcome;
}

/** The outcomes of all faults of all requests of a command. */
async function tryAll(command: Command): Promise<readonly Row[]> {
    const points = await pointsOf(command);
    const cases = points.flatMap((point) =>
        Object.entries(faults).map(([kind, fault]) => ({ point, kind, fault })),
    );
    assert.ok(cases.length > 0);
    const found: { request: string; kind: string; outcome: Outcome }[] = [];
    let next = 0;
    await Promise.all(
        benches.map(async (bench) => {
            for (let at = next++; at < cases.length; at = next++) {
                const one = cases[at];
                assert.ok(one);
                const { point, kind, fault } = one;
                const outcome = await tryPoint(bench, command, point, fault);
                found[at] = { request: point.request, kind, outcome };
            }
        }),
    );
    return grouped(points, found);
}

/** One row for all requests of one kind of outcome with the same faults. */
function grouped(
    points: readonly Point[],
    found: readonly { request: string; kind: string; outcome: Outcome }[],
): readonly Row[] {
    const rows = new Map<string, Row>();
    for (const request of new Set(points.map((point) => point.request))) {
        const outcomes = new Map<string, { kinds: Set<string>; outcome: Outcome }>();
        for (const { kind, outcome } of found.filter((one) => one.request === request)) {
            const key = JSON.stringify(outcome);
            const group = outcomes.get(key) ?? { kinds: new Set(), outcome };
            group.kinds.add(kind);
            outcomes.set(key, group);
        }
        for (const { kinds, outcome } of outcomes.values()) {
            const key = JSON.stringify([[...kinds], outcome]);
            const row = rows.get(key) ?? { requests: new Set(), kinds: [...kinds], outcome };
            row.requests.add(request);
            rows.set(key, row);
        }
    }
    return [...rows.values()];
}

const table = (rows: readonly Row[]) =>
    tableOf(
        ["requests", "fault", "what the user sees", "left", "the same command again"],
        rows.map(({ requests, kinds, outcome: { message, left, next } }) => [
            [...requests].map((one) => `\`${one}\``).join(", "),
            kinds.join(", "),
            message,
            left,
            next,
        ]),
    );

test("leaves nothing behind that the next run does not complete, for each request and each fault", async () => {
    const [up, refresh, destroy] = [
        await tryAll("up"),
        await tryAll("refresh"),
        await tryAll("destroy"),
    ];
    // A false 404 alone makes the state forget a thing.
    for (const { outcome, requests, kinds } of [...up, ...refresh, ...destroy]) {
        const isRight = ["completes", "nothing to do"].includes(outcome.next);
        const isForgotten = kinds.join() === "404" && outcome.next === stays;
        assert.ok(isRight || isForgotten, `${[...requests]} ${kinds}: ${outcome.next}`);
    }
    for (const [command, rows] of Object.entries({ up, refresh, destroy })) {
        assertSection(
            "faults.md",
            `A request of \`pulumi ${command}\` to Harbor fails`,
            table(rows),
        );
    }
});
