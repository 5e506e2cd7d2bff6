import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import ts from "typescript";
import { imageProjectRows, type ProjectRow } from "../../src/project/rows";
import { type ArgumentCase, argumentCases } from "../../tests/unit/image/argumentCases";
import { readDocstring } from "./docstring";

const root = resolve(__dirname, "..", "..");

/** The documentation of one member of an interface, from its docstring. */
interface Member {
    readonly name: string;
    /** The text before `@default`, in one line. */
    readonly text: string;
    /** The text of `@default`; empty for a required member. */
    readonly defaultText: string;
    /** Name of the member's type, if that is an interface of arguments. */
    readonly type: string | undefined;
}

type Interfaces = ReadonlyMap<string, readonly Member[]>;

/** The tables of arguments, by the file that has them. */
export function argumentDocs(): ReadonlyMap<string, string> {
    const interfaces = readInterfaces(
        "src/image/args.ts",
        "src/project/args.ts",
        "src/access/args.ts",
    );
    return new Map([
        writePage("docs/arguments.md", {
            meanings: meaningTable(interfaces),
            changes: mappingTable(interfaces),
        }),
        writePage("docs/image-project-arguments.md", { arguments: projectTable(interfaces) }),
    ]);
}

/** A page with its tables, each between the two marks of its name. */
function writePage(
    file: string,
    tables: Readonly<Record<string, string>>,
): readonly [file: string, text: string] {
    const page = readFileSync(join(root, file), "utf8");
    const text = Object.entries(tables).reduce((before, [name, table]) => {
        const place = new RegExp(
            `^(.*<!-- ${name}: [^\\n]*-->\\n).*(\\n<!-- end of ${name} -->.*)$`,
            "s",
        );
        const parts = place.exec(before);
        if (parts === null) {
            throw new Error(`${file}: the marks of the table of ${name} are missing`);
        }
        return `${parts[1]}\n${table}${parts[2]}`;
    }, page);
    return [file, text];
}

/** What each argument means: the first sentence of its docstring. */
function meaningTable(interfaces: Interfaces): string {
    const nested = ["project", "cache", "contextLimits", "sign"];
    const lines = flatten(interfaces, "CachedImageArgs", nested).map(({ path, member }) =>
        meaning(path, member),
    );
    return ["| argument | meaning | default |", "|---|---|---|", ...lines, ""].join("\n");
}

/** What each argument of an `ImageProject` means, and what its row specifies. */
function projectTable(interfaces: Interfaces): string {
    const rows: Readonly<Record<string, ProjectRow<unknown> | undefined>> = imageProjectRows;
    const nested = ["retention", "retention.images", "cache", "credentials", "secrets"];
    const lines = flatten(interfaces, "ImageProjectArgs", nested).map(({ path, member }) => {
        const [argument = "", inside = ""] = path.split(".");
        const { passed, declaring = [] } = rows[argument] ?? {};
        const isDeclaring = declaring === true || declaring.includes(inside);
        return `${meaning(path, member)} ${passed ? code(argument) : ""} | ${isDeclaring ? "refused" : ""} |`;
    });
    return [
        "| argument | meaning | default | Harbor's project | with `existing` |",
        "|---|---|---|---|---|",
        ...lines,
        "",
    ].join("\n");
}

function meaning(path: string, { text, defaultText }: Member): string {
    return `| ${code(path)} | ${firstSentence(text)} | ${cell(defaultText)} |`;
}

/** What each argument changes, from its case in the tests. */
function mappingTable(interfaces: Interfaces): string {
    const cases: Readonly<Record<string, ArgumentCase<unknown> | undefined>> = argumentCases;
    const lines = (interfaces.get("CachedImageArgs") ?? []).flatMap(({ name, text }) => {
        const one = cases[name];
        if (one === undefined) {
            return [];
        }
        const flag = /Equivalent to Docker's\s+(`[^`]+`)/.exec(text)?.[1] ?? "";
        const proof = `[${one.proof}](../tests/${one.proof})`;
        return [
            `| \`${name}\` | ${inputsOf(one)} | ${(one.digests ?? []).join(", ")} | ${cell(flag)} | ${proof} |`,
        ];
    });
    return [
        "| argument | what it changes | digests | Docker's flag | test |",
        "|---|---|---|---|---|",
        ...lines,
        "",
        `Inputs of docker-build's Image for which CachedImage has no argument: ${missingInputs().join(", ")}.`,
        "",
    ].join("\n");
}

/**
 * The inputs of each resource that an argument changes; images with the same inputs are one entry.
 */
function inputsOf({ changes, digests = [] }: ArgumentCase<unknown>): string {
    const entries = Object.entries(changes).map(([role, inputs]) => {
        const list = typeof inputs === "string" ? inputs : inputs.map(code).join(", ");
        return [list, role] as const;
    });
    const lists = [...new Set(entries.map(([list]) => list))];
    const texts = lists.map((list) => {
        const roles = entries.filter((entry) => entry[0] === list).map(([, role]) => role);
        return `${roles.join(", ")}: ${list}`;
    });
    return [...texts, ...(digests.includes("slice") ? ["images: `contextHash`"] : [])].join("; ");
}

/** Inputs that the component sets itself, or in the Images of `exports`. */
const fixedInputs: readonly string[] = ["exports", "load", "push", "context", "dockerfile"];

/** The inputs of docker-build's Image that no argument changes. */
function missingInputs(): readonly string[] {
    const all = readInterfaces("node_modules/@pulumi/docker-build/image.d.ts").get("ImageArgs");
    const changed = new Set([
        ...fixedInputs,
        ...Object.values(argumentCases).flatMap(({ changes }) => Object.values(changes).flat()),
    ]);
    return (all ?? []).flatMap(({ name }) => (changed.has(name) ? [] : [code(name)]));
}

interface Flat {
    readonly path: string;
    readonly member: Member;
}

/** The members of an interface, by path; `nested` has the paths whose members count instead. */
function flatten(
    interfaces: Interfaces,
    type: string,
    nested: readonly string[],
    prefix = "",
): readonly Flat[] {
    return (interfaces.get(type) ?? []).flatMap((member) => {
        const path = `${prefix}${member.name}`;
        return nested.includes(path) && member.type !== undefined
            ? flatten(interfaces, member.type, nested, `${path}.`)
            : [{ path, member }];
    });
}

function readInterfaces(...files: readonly string[]): Interfaces {
    const interfaces = new Map<string, readonly Member[]>();
    for (const file of files) {
        const text = readFileSync(join(root, file), "utf8");
        const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
        for (const statement of source.statements.filter(ts.isInterfaceDeclaration)) {
            const members = statement.members.filter(ts.isPropertySignature);
            interfaces.set(
                statement.name.text,
                members.map((member) => readMember(member, source)),
            );
        }
    }
    return interfaces;
}

function readMember(member: ts.PropertySignature, source: ts.SourceFile): Member {
    const { text, defaultText } = readDocstring(member);
    const { type } = member;
    return {
        name: member.name.getText(source),
        text: oneLine(text),
        defaultText: oneLine(defaultText),
        type: type && ts.isTypeReferenceNode(type) ? type.getText(source) : undefined,
    };
}

const oneLine = (text = ""): string => text.replace(/\s+/g, " ").trim();
const cell = (text: string): string => text.replaceAll("|", "\\|");
const code = (text: string): string => `\`${text}\``;

/** A sentence ends with a period before a capital letter, a backtick or the end. */
function firstSentence(text: string): string {
    return cell((/^.*?[^.]\.(?= [A-Z`]|$)/.exec(text)?.[0] ?? text).replace(/\.$/, ""));
}
