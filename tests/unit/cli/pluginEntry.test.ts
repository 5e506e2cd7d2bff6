import assert from "node:assert/strict";
import { test } from "node:test";
import { withPlugin } from "../../../src/cli/pluginEntry";

const path = "node_modules/harbor-build/dist/plugin";
const edit = (text: string) => withPlugin("Pulumi.yaml", text, path);
const commented = `# The shop.
name: shop   # the short name
runtime:
    name: nodejs
    options:
        packagemanager: pnpm   # as everywhere


description: 'Builds it: all of it'
`;

test("appends the provider and leaves every other character", () => {
    const added = `plugins:
    providers:
        - name: harbor
          path: ${path}
`;
    assert.equal(edit(commented), commented + added);
});

test("ends the last line first, and keeps the line ends of Windows", () => {
    const before = "name: shop\r\nruntime: nodejs";
    const added = `plugins:\r\n  providers:\r\n    - name: harbor\r\n      path: ${path}\r\n`;
    assert.equal(edit(before), `${before}\r\n${added}`);
});

test("adds the provider to others and keeps their comments", () => {
    const before = `name: shop
runtime: nodejs
plugins:
  # Built by the platform team.
  providers:
  - name: random # a fork
    path: ../random
  languages: []
config:
  aws:region: eu-west-1 # Ireland
`;
    assert.equal(
        edit(before),
        before.replace(
            "    path: ../random\n",
            `    path: ../random\n  - name: harbor\n    path: ${path}\n`,
        ),
    );
});

test("adds the provider to plugins that are empty or of another kind", () => {
    const after = `name: shop
runtime: nodejs
plugins:
  providers:
    - name: harbor
      path: ${path}
`;
    assert.equal(edit("name: shop\nruntime: nodejs\nplugins:\n"), after);
    assert.equal(edit("name: shop\nruntime: nodejs\nplugins:\n  providers:\n"), after);
});

test("adds the provider to a file in flow style", () => {
    assert.equal(
        edit('{ "name": "shop", "runtime": "nodejs" }\n'),
        `{ "name": "shop", "runtime": "nodejs", plugins: { providers: [ { name: harbor, path: ${path} } ] } }\n`,
    );
});

test("changes nothing the second time", () => {
    const once = edit(commented);
    assert.equal(edit(once), once);
});

test("replaces a path from before the packages moved", () => {
    const before = edit(commented).replace(path, `../../${path} # hoisted`);
    assert.equal(
        edit(before),
        edit(commented)
            .replace(path, `${path} # hoisted`)
            .replace("shop   #", "shop #")
            .replace("pnpm   #", "pnpm #")
            .replace("\n\n\n", "\n\n"),
    );
});

test("refuses to replace another provider of the same name", () => {
    assert.throws(() => edit("name: a\nplugins: {providers: [{name: harbor, path: ./mine}]}\n"), {
        message: `Pulumi.yaml: plugins.providers: the entry "harbor" names another provider (./mine). Expected ${path}. Fix: remove the entry, then run this command again.`,
    });
});
