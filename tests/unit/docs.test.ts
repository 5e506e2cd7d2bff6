import assert from "node:assert/strict";
import {
    existsSync,
    globSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { describe, test } from "node:test";
import ts from "typescript";
import schema from "../../src/provider/schema.json";
import { root } from "../support/lab";

const pages = globSync(
    [
        "*.md",
        "docs/**/*.md",
        "examples/*/README.md",
        "src/*/README.md",
        "tests/*/README.md",
        ".github/*.md",
    ],
    { cwd: root },
);
const read = (page: string) => readFileSync(join(root, page), "utf8");

/** Name of a heading in links, as GitHub derives it. */
const anchorOf = (heading: string): string =>
    heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(" ", "-");

function anchors(page: string): string[] {
    return [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => anchorOf(heading));
}

describe("links in the documentation", () => {
    for (const page of pages) {
        test(page, () => {
            const links = [...read(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)];
            const broken = links.filter(([, path = "", anchor]) => {
                const target = path === "" ? page : join(dirname(page), path);
                if (!existsSync(join(root, target))) return true;
                return anchor !== undefined && !anchors(target).includes(anchor);
            });
            assert.deepEqual(
                broken.map(([link]) => link),
                [],
            );
        });
    }
});

test("paths of the repository in the documentation exist", () => {
    const missing = pages
        .filter((page) => !page.startsWith("examples/"))
        .flatMap((page) =>
            [...read(page).matchAll(/`((?:src|tests|tools|examples|docs)\/[^`\s]*)`/g)]
                // Skips placeholders such as NAME, and patterns.
                .filter(([, path = ""]) => !/[A-Z]{3}|[*{…]/.test(path))
                .filter(([, path = ""]) => !existsSync(join(root, path)))
                .map(([, path = ""]) => `${page}: ${path}`),
        );
    assert.deepEqual(missing, []);
});

test("docs/provider-resources.md links every resource and function of the Harbor provider", () => {
    const tokens = [...Object.keys(schema.resources), ...Object.keys(schema.functions)];
    const names = tokens.map((token) => token.slice(token.lastIndexOf(":") + 1));
    const linked = [
        ...read("docs/provider-resources.md").matchAll(/\[`(\w+)`\]\(\.\.\/sdks\/harbor\//g),
    ];
    assert.deepEqual(linked.map(([, name]) => name).sort(), names.sort());
});

// Programs that import the reader's own module are left out.
test("programs in the README and the guides compile", () => {
    mkdirSync(join(root, ".harbor-build"), { recursive: true });
    // Inside the clone, where programs find the package.
    const folder = mkdtempSync(join(root, ".harbor-build", "docs-"));
    try {
        const programs = pages
            .filter((page) => page === "README.md" || page.startsWith("docs/"))
            .flatMap((page) =>
                [
                    ...read(page).matchAll(/^```ts\n(import (?:(?!\.\/index|```)[\s\S])*?)^```$/gm),
                ].map(
                    ([, program = ""], at) =>
                        [`${page.replaceAll("/", "_")}.${at}.ts`, program] as const,
                ),
            );
        assert.ok(programs.length > 5);
        for (const [name, program] of programs)
            writeFileSync(join(folder, name), `${program}\nexport {};\n`);
        const config = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile).config;
        const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, root);
        const files = programs.map(([name]) => join(folder, name));
        const found = ts.getPreEmitDiagnostics(ts.createProgram(files, options));
        const messages = found.map(({ file, messageText }) =>
            [file?.fileName, ts.flattenDiagnosticMessageText(messageText, " ")].join(": "),
        );
        assert.deepEqual(messages, []);
    } finally {
        rmSync(folder, { recursive: true });
    }
});
