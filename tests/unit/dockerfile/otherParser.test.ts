import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { DockerfileParser } from "dockerfile-ast";
import { readLines } from "../../../src/dockerfile/lines";
import { splitFirstWord } from "../../../src/dockerfile/words";

const root = join(__dirname, "../../corpus");

/** Files that dockerfile-ast cuts elsewhere than BuildKit does, and so than we do. */
const cutElsewhere = [
    // An escape that is escaped joins no line.
    "syntax/escaped-escape",
    // << in quotes opens nothing; it swallows the FROM after it.
    "syntax/heredoc-quoted-word",
    // Tabs are taken off the end of one here-document only.
    "syntax/heredoc-two-one-chomped",
    // A blank may stand between << and its word.
    "syntax/heredoc-with-blank",
    // A file descriptor may stand before <<.
    "syntax/heredoc-with-descriptor",
    // Nothing opens on a line whose quotes do not close.
    "syntax/open-quote-in-run",
    // A comment that looks like a directive ends the directives.
    "syntax/unknown-directive",
];

test("finds the same instructions as another parser, except where BuildKit disagrees with that parser", () => {
    const differing = ["stages", "reads", "variables", "syntax"].flatMap((folder) =>
        readdirSync(join(root, folder)).flatMap((file) => {
            const text = readFileSync(join(root, folder, file), "utf8");
            const theirs = DockerfileParser.parse(text)
                .getInstructions()
                .map((one) => `${one.getRange().start.line + 1} ${one.getKeyword()}`);
            const ours = readLines(text).lines.map(
                (line) => `${line.line} ${splitFirstWord(line.text)[0].toUpperCase()}`,
            );
            const same = theirs.join() === ours.join();
            return same ? [] : [`${folder}/${file.replace(".Dockerfile", "")}`];
        }),
    );
    assert.deepEqual(differing, cutElsewhere);
});
