import assert from "node:assert/strict";
import { appendFile, cp, readFile, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import manifest from "../../package.json";
import { runCommand } from "../../tools/toolchain/command";
import { givenRelease } from "../../tools/toolchain/pieces/engine";
import { ensureTools } from "../../tools/toolchain/tools";
import { atEnd } from "../support/atEnd";
import { copyExample } from "../support/example";
import { openLab, root, uniqueName } from "../support/lab";
import { needingLanguage } from "../support/needs";
import { pythonEnvironment } from "../support/python";
import type { UserProject } from "../support/userProject";

/** A language that Pulumi's programs are written in. */
interface Language {
    /** Name of the example. */
    readonly name: "yaml" | "python" | "go";
    readonly host: "yamlHost" | "pythonHost" | "goHost";
    /** File with the program. */
    readonly program: string;
    /** The argument `context` in the program, and the same with another argument. */
    readonly context: string;
    argument(name: "target" | "tagz", value: string): string;
    /** The program with a second component for the same image, from the folder `twin`. */
    twin?(source: string, scope?: string): string;
    /** Does what `pulumi install` and `pulumi package add` do, for language hosts that lack both. */
    prepare(example: UserProject): Promise<void>;
    /** The import that `pulumi package add` prints; the program has it or one that is equivalent. */
    readonly imports: string;
    /** The message for the misspelt argument `tagz`. */
    readonly misspelt: RegExp;
}

/** Generates the SDK of the components with Pulumi's own generator. */
async function generateSdk(language: string, folder: string): Promise<void> {
    const { sdkgen } = await ensureTools(["sdkgen"]);
    const schema = join(root, "src", "languages", "schema.json");
    await runCommand(sdkgen, ["-language", language, schema, folder]);
}

/** The module of the Go SDK, as Pulumi names it. */
const goModule = "example.com/pulumi-harbor-build/sdk/go";

const languages: readonly Language[] = [
    {
        name: "yaml",
        host: "yamlHost",
        program: "Pulumi.yaml",
        context: "context: ./app",
        argument: (name, value) => `\n            ${name}: ${value}`,
        twin(source, scope) {
            const [web = ""] = /^ {4}web:\n[\s\S]*?(?=^outputs:)/m.exec(source) ?? [];
            const cache = scope === undefined ? "" : `\n            cache: { scope: ${scope} }`;
            const twin = web
                .replace("web:", "twin:")
                .replace("./app", `./twin\n            image: web${cache}`)
                .replace("1.0.0", "twin");
            return `${source.replace(web, web + twin)}    twin: \${twin.ref}\n`;
        },
        prepare: async () => undefined,
        imports: "",
        misspelt: /Property tagz does not exist on 'harbor-build:index:CachedImage'/,
    },
    {
        name: "python",
        host: "pythonHost",
        program: "__main__.py",
        context: 'context="./app"',
        argument: (name, value) => `,\n    ${name}="${value}"`,
        twin(source, scope) {
            const [web = ""] = /^web = CachedImage\([\s\S]*?^\)\n/m.exec(source) ?? [];
            const cache = scope === undefined ? "None" : `CachedImageCacheArgs(scope="${scope}")`;
            const twin = web
                .replace('web = CachedImage(\n    "web"', 'twin = CachedImage(\n    "twin"')
                .replace('"./app"', `"./twin",\n    image="web",\n    cache=${cache}`)
                .replace("1.0.0", "twin");
            return `${source
                .replace("    CachedImage,\n", "    CachedImage,\n    CachedImageCacheArgs,\n")
                .replace(web, web + twin)}pulumi.export("twin", twin.ref)\n`;
        },
        async prepare(example) {
            const sdk = join(example.folder, "sdks", "harbor-build");
            await generateSdk("python", sdk);
            const pulumi = `pulumi==${manifest.devDependencies["@pulumi/pulumi"]}`;
            await pythonEnvironment(join(example.folder, "venv"), [pulumi, sdk]);
        },
        imports: "import pulumi_harbor_build as harbor_build",
        misspelt: /unexpected keyword argument 'tagz'/,
    },
    {
        name: "go",
        host: "goHost",
        program: "main.go",
        context: 'Context: "./app"',
        argument: (name, value) =>
            `, ${name === "target" ? "Target" : "Tagz"}: pulumi.StringRef("${value}")`,
        async prepare(example) {
            await generateSdk("go", join(example.folder, "sdks", "harbor-build"));
            await example.succeed(
                ...["go", "mod", "edit", `-require=${goModule}@v0.0.0`],
                `-replace=${goModule}=./sdks/harbor-build`,
            );
            await example.succeed("go", "mod", "tidy");
        },
        imports: `"${goModule}/harborbuild"`,
        misspelt: /unknown field Tagz in struct literal of type harborbuild\.CachedImageArgs/,
    },
];

/** Copies an example, with `project` as the Harbor project, and prepares it. */
async function openProgram(language: Language, project: string) {
    const host = (await ensureTools([language.host]))[language.host];
    const copied = await copyExample(language.name);
    const python = join(copied.folder, "venv", "bin");
    const path = [python, dirname(host), openLab().environment["PATH"]].join(delimiter);
    const example = copied.below(".", { PATH: path });
    const file = join(example.folder, language.program);
    const text = await readFile(file, "utf8");
    const source = text.replace(/"shop"|(?<=\bname: )shop/g, (old) => old.replace("shop", project));
    await writeFile(file, source);
    await (givenRelease() === undefined
        ? language.prepare(example)
        : followReadme(example, language));
    return { example, source };
}

/** Runs the commands of an example's README between `npm install` and `pulumi stack init`. */
async function followReadme(example: UserProject, { imports }: Language): Promise<void> {
    const readme = await readFile(join(example.folder, "README.md"), "utf8");
    const [, commands = ""] = /\$ npm install\n([\s\S]*?)\$ pulumi stack init/.exec(readme) ?? [];
    for (const [, command = ""] of commands.matchAll(/^\$ (.+)$/gm)) {
        const printed = await example.succeed(...command.split(" "));
        if (!command.startsWith("pulumi package add")) continue;
        assert.ok(printed.includes(imports), printed);
    }
}

for (const language of languages) {
    const { name, program, context } = language;
    const declare = needingLanguage(name);
    const project = uniqueName(name);
    let example: UserProject;
    let source: string;
    const pulumi = (...args: readonly string[]) =>
        example.run(["pulumi", ...args, "--non-interactive"]);
    const succeed = async (...args: readonly string[]) => {
        const { code, output } = await pulumi(...args);
        assert.equal(code, 0, output);
        return output;
    };
    const up = (...args: readonly string[]) => succeed("up", "--yes", "--skip-preview", ...args);
    const write = (text: string) => writeFile(join(example.folder, program), text);

    declare(
        `${name}: declares a project and an image, builds it, and then changes nothing`,
        async () => {
            ({ example, source } = await openProgram(language, project));
            await succeed("stack", "init", "dev");
            atEnd(() => succeed("destroy", "--yes", "--skip-preview"));
            assert.match(await succeed("preview"), /web-app create /);
            await up();
            const image = await succeed("stack", "output", "image");
            assert.match(image, new RegExp(`/${project}/web:1\\.0\\.0@sha256:[0-9a-f]{64}\n$`));
            assert.ok(
                !(await succeed("stack", "export")).includes("auths"),
                "the pull secret is encrypted",
            );
            await up("--expect-no-changes");
        },
    );

    declare(`${name}: updates the images that read a changed file`, async () => {
        await appendFile(join(example.folder, "app", "index.html"), "<!-- changed -->\n");
        const output = await up();
        assert.match(output, /web-stage-build updated/);
        assert.match(output, /web-app updated/);
        assert.doesNotMatch(output, /harbor:index.* updated/);
    });

    declare(
        `${name}: has the message of a TypeScript program for an invalid argument`,
        async () => {
            await write(source.replace(context, context + language.argument("target", "biuld")));
            const { code, output } = await pulumi("preview");
            assert.notEqual(code, 0);
            const message =
                /CachedImage "web": an argument is invalid\.\s+target: no stage named "biuld" in app\/Dockerfile; stages are "build"; did you mean "build"\?/;
            assert.match(output, message);
            await write(source);
        },
    );

    const { twin } = language;
    if (twin !== undefined) {
        declare(`${name}: builds two components with one image from their own files`, async () => {
            const folder = join(example.folder, "twin");
            await cp(join(example.folder, "app"), folder, { recursive: true });
            await appendFile(join(folder, "index.html"), "<!-- twin -->\n");
            await write(twin(source));
            const { code, output } = await pulumi("preview");
            assert.notEqual(code, 0);
            assert.match(output, /image: "web" has the same cache as CachedImage "(?:web|twin)": /);
            await write(twin(source, "twin"));
            await up();
            const digests = [];
            for (const key of ["image", "twin"]) {
                digests.push((await succeed("stack", "output", key)).split("@")[1]);
            }
            assert.notEqual(digests[0], digests[1]);
            await up("--expect-no-changes");
            await write(source);
            await up();
        });
    }

    declare(`${name}: rejects a misspelt argument`, async () => {
        await write(source.replace(context, context + language.argument("tagz", "1")));
        const { code, output } = await pulumi("preview");
        assert.notEqual(code, 0);
        assert.match(output, language.misspelt);
        await write(source);
    });
}
