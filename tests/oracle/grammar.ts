// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are parts of Dockerfiles
import fc from "fast-check";
import type { Given } from "./buildCase";

/** A generated Dockerfile, with the inputs of its build. */
export interface Generated {
    readonly text: string;
    /** Text of `<Dockerfile>.dockerignore`. @default the context's own ignore file applies */
    readonly ignore: string | undefined;
    readonly given: Given;
}

/** Files of the context; a text that starts with `->` is a link. */
export const contextFiles: Readonly<Record<string, string>> = {
    "a.txt": "a\n",
    "b.txt": "b\n",
    "go.mod": "module\n",
    "README.md": "readme\n",
    "docs/a.md": "docs a\n",
    "docs/b.txt": "docs b\n",
    "docs/deep/c.md": "deep c\n",
    "docs/deep/d.txt": "deep d\n",
    "conf/dev.yaml": "dev\n",
    "conf/prod.yaml": "prod\n",
    "conf/linux-amd64.yaml": "amd64\n",
    "cmd/main.go": "main\n",
    "cmd/tool/tool.go": "tool\n",
    "logs/x.log": "x\n",
    "logs/keep.log": "keep\n",
    "größe/é.txt": "e\n",
    "with space/f.txt": "f\n",
    "odd/page[1].txt": "page\n",
    "odd/$v": "dollar\n",
    ".hidden/h": "h\n",
    link: "->a.txt",
    linkdir: "->docs",
    "links/up": "->../conf/dev.yaml",
    "links/absolute": "->/docs/deep",
    "ext/f.txt": "ext f\n",
    "ext/x/f.txt": "ext x\n",
    "ext/sub/g.txt": "ext g\n",
};

const variable = fc.constantFrom("v", "w", "x", "_y1");
const expansion = fc.oneof(
    variable.map((name) => `$${name}`),
    variable.map((name) => `\${${name}}`),
    fc
        .tuple(variable, fc.constantFrom(":-", "-", ":+", "+"), fc.constantFrom("docs", "conf", ""))
        .map(([name, sign, word]) => `\${${name}${sign}${word}}`),
    fc
        .tuple(variable, fc.constantFrom("#d*", "##*o", "%s", "%%/*", "/o/x", "//o/x", ":-$w"))
        .map(([name, tail]) => `\${${name}${tail}}`),
    { weight: 1, arbitrary: fc.constantFrom("$TARGETARCH", "${TARGETOS}", "$TARGETSTAGE") },
);
const value = fc.oneof(
    fc.constantFrom("docs", "conf", "cmd", "a", "", "docs/deep", "1", "'docs'", '"conf"', "\\$v"),
    expansion,
    expansion.map((text) => `"${text}"`),
    expansion.map((text) => `'${text}'`),
);
const existing = fc.constantFrom(
    ...["a.txt", "b.txt", "go.mod", "docs", "docs/", "docs/.", "./conf", "cmd/../docs", "/cmd"],
    ...["link", "linkdir", "linkdir/a.md", "links/up", "links/absolute", "größe", "größe/é.txt"],
    ...[".", "./", "/", ".hidden", "../go.mod", "odd", "logs", "docs/deep/../a.md"],
);
const pattern = fc.constantFrom(
    ...["*.txt", "*", "d*", "docs/*.md", "*/a.md", "docs/*/*.md", "[ab].txt", "?.txt", "./*"],
    ...["docs/**/c.md", "conf/*.yaml", "link*", "links/*", "gr*e/*", "*.none", "docs/*.none"],
    ...["odd/page[[]1].txt", "nope/*", "**/*.txt", "lo?s/*.log", "[^l]*", "linkdir/*.md", "[a"],
);
const withVariable = fc.oneof(
    expansion.map((text) => `${text}/a.md`),
    expansion.map((text) => `./${text}`),
    expansion.map((text) => `conf/linux-${text}.yaml`),
    expansion.map((text) => `${text}.txt`),
    expansion,
);
const source = fc.oneof(
    { weight: 6, arbitrary: existing },
    { weight: 4, arbitrary: pattern },
    { weight: 2, arbitrary: withVariable },
    { weight: 1, arbitrary: fc.constantFrom("'a.txt'", '"docs"', "\\a.txt", "missing", "a.txt/x") },
);
const destination = fc.constantFrom("/to/", "/to/", "to/", ".", "/$v/", "./x/", "/to");
const exclusion = fc.constantFrom(
    ...["*.md", "**/*.md", "docs", "docs/", "./docs", "!docs/a.md", "a.txt", "deep", "*", "é"],
    ...["/conf", "docs/../conf", "$v", "**", "lo*"],
);
const copyFlag = fc.oneof(
    fc.constantFrom("--chown=1:2", "--chmod=755", "--chmod=u+x", "--link", "--link=false"),
    { weight: 3, arbitrary: exclusion.map((text) => `--exclude=${text}`) },
    { weight: 3, arbitrary: fc.constant("--parents") },
);
const copyFlags = fc.uniqueArray(copyFlag, {
    maxLength: 3,
    selector: (flag) => (flag.startsWith("--exclude") ? flag : flag.split("=")[0]),
});

/** Spellings of the number or name after `--from=`; `⏎` marks a continuation. */
const fromWritten: readonly ((name: string) => string)[] = [
    (name) => `--from=${name}`,
    (name) => `--from="${name}"`,
    (name) => `--from='${name}'`,
    (name) => `--from=""${name}`,
    (name) => `--from=\\${name}`,
    (name) => `--fr\\om=${name}`,
    (name) => `--from=⏎\n${name}`,
    (name) => `⏎\n--from=${name}⏎\n`,
    (name) => `--exclude="q --from=0 " --from=${name}`,
];
/**
 * A reference to a stage: a number that the assembly of the file resolves, since it knows the
 * count.
 */
const reference = fc.nat(21);
const from = fc
    .tuple(reference, fc.constantFrom(...fromWritten))
    .map(([number, write]) => write(`@${number}@`));

const mount = fc.oneof(
    existing.map((path) => `source=${path},target=/m`),
    fc.constantFrom(
        ...["target=/m", "type=bind,target=/m,rw", "type=tmpfs,target=/t", "type=cache,target=/c"],
        ...["type=cache,uid=$v,target=/u", "type=cache,target=/v/$v/", '"type=cache,target=/q"'],
        ...["type=cache,id=/c,target=/d/", "type=cache,⏎\ntarget=/l"],
        ...["type=cache,id=$v,target=/c", "type=secret,id=s", "type=secret,id=t,env=T", "type=ssh"],
        ...["source=$v,target=/m", "type=secret,id=${w:-t},required=true", "src=docs/deep,dst=m"],
        ...[
            '"source=with space",target=/m',
            "source=missing,target=/m",
            "type=bind,source=conf,target=c",
        ],
    ),
    reference.map((number) => `from=@${number}@,target=/f`),
    reference.map((number) => `type=cache,from=@${number}@,source=/x,target=/f`),
);
const command = fc.constantFrom(
    "make",
    '["make", "all"]',
    "echo $v",
    "make ⏎\n # a comment\n && test",
    "<<EOF\nmake\nCOPY nothing /x\nEOF",
    "<<'A' cat && <<-B cat\n$v\nA\n\tb\n\tB",
    "<<EOF\n#!/bin/sh\nmake\nEOF",
    "echo '<<EOF'",
    "cat <<<word",
);
const copy = fc
    .tuple(
        fc.constantFrom("COPY", "COPY", "ADD"),
        copyFlags,
        fc.array(source, { minLength: 1, maxLength: 2 }),
        destination,
    )
    .map(([keyword, flags, sources, to]) =>
        // ADD accepts all of these but one.
        [
            keyword,
            ...(keyword === "ADD" ? flags.filter((flag) => flag !== "--parents") : flags),
            ...sources,
            sources.length > 1 ? `${to}/` : to,
        ].join(" "),
    );
const copyJson = fc
    .tuple(existing, destination)
    .map(([path, to]) => `COPY ${JSON.stringify([path, to])}`);
const copyFrom = fc
    .tuple(from, copyFlags)
    .map(([written, flags]) => ["COPY", written, ...flags, "/x", "/y"].join(" "));
const copyHeredoc = fc.constantFrom(
    "COPY <<EOF /to/\nhello $v\nFROM nowhere\nEOF",
    "COPY <<'EOF' go.mod /to/\n${v^}\nEOF",
    "ADD <<-one <<two /to/\n\t1\n\tone\n2\ntwo",
    "COPY <<EOF ⏎\n # comment\n a.txt /to/\ntext\nEOF",
);
const addRemote = fc.constantFrom(
    "ADD https://example.com/$v/a.tgz /to/",
    "ADD --checksum=sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa http://example.com/b /to/",
    "ADD --keep-git-dir=true https://github.com/o/r.git#v1:sub /to/",
    "ADD git@github.com:o/r.git /to/",
    "ADD --unpack=true a.txt /to/",
    "ADD --unpack https://example.com/c.tar /to/",
);
const run = fc
    .tuple(fc.array(mount, { maxLength: 2 }), command)
    .map(([mounts, what]) => ["RUN", ...mounts.map((one) => `--mount=${one}`), what].join(" "));
const assignment = fc.oneof(
    fc.tuple(variable, value).map(([name, text]) => `ENV ${name}=${text}`),
    fc.tuple(variable, value).map(([name, text]) => `ARG ${name}=${text}`),
    variable.map((name) => `ARG ${name}`),
    fc.tuple(variable, variable, value).map(([a, b, text]) => `ENV ${a}=${text} ${b}=$${a}`),
    fc.constantFrom("ENV v docs", "ARG TARGETARCH", "ARG TARGETOS TARGETSTAGE", "ARG v w=conf"),
);
const setting = fc.constantFrom(
    ...["WORKDIR /w", "WORKDIR $v", "USER 1:1", "LABEL a=b c=$v", 'VOLUME ["/v"]', "VOLUME /v"],
    ...["EXPOSE 80 $w", 'SHELL ["/bin/bash", "-c"]', "STOPSIGNAL SIGINT", "HEALTHCHECK NONE"],
    ...["HEALTHCHECK --interval=5s CMD x", "CMD x", 'ENTRYPOINT ["y"]', "MAINTAINER me"],
    ...["LABEL multi=⏎\nline", "# check=error=true", "# a comment", "", "EXPOSE 80-81/udp"],
);
const step = fc.oneof(
    { weight: 6, arbitrary: copy },
    { weight: 1, arbitrary: copyJson },
    { weight: 4, arbitrary: copyFrom },
    { weight: 1, arbitrary: copyHeredoc },
    { weight: 1, arbitrary: addRemote },
    { weight: 3, arbitrary: run },
    { weight: 4, arbitrary: assignment },
    { weight: 2, arbitrary: setting },
);
const instruction = fc.oneof(
    { weight: 8, arbitrary: step },
    {
        weight: 1,
        arbitrary: fc.oneof(copy, copyFrom, run, assignment).map((text) => `ONBUILD ${text}`),
    },
    { weight: 2, arbitrary: fc.tuple(step, fc.constantFrom(...restyle())).map(([t, by]) => by(t)) },
);

/** Equivalent spellings of one instruction. */
function restyle(): readonly ((text: string) => string)[] {
    return [
        (text) => text.replace(" ", "\t"),
        (text) => text.replace(" ", " ⏎\n  "),
        (text) => text.replace(" ", " ⏎\n# comment ⏎\n\n  "),
        (text) => text.replace(/^[A-Z]+/, (keyword) => keyword.toLowerCase()),
        (text) => `  ${text}`,
        (text) => text.replace(/^(..)/, "$1⏎\n"),
    ];
}

/** The ONBUILD triggers of a base image. */
const trigger = fc.oneof(
    copy,
    run,
    fc.constantFrom("ARG v", "ARG w=conf", "ENV x=docs", "WORKDIR /w", "COPY --from=a /x /y"),
    fc.constantFrom("RUN --mount=from=0,target=/m x", "COPY --from=ext /x /y", "COPY go.mod /"),
);

/** Images with a configuration, for a Dockerfile with stages of these names or numbers. */
const images = fc.array(trigger, { maxLength: 2 }).map((triggers) => (names: readonly string[]) => {
    const OnBuild = triggers.map((text) =>
        withReferences(text, names.length, names).replaceAll("⏎", "\\"),
    );
    return {
        "img:1": { config: { Env: ["v=docs", "PATH=/bin"], WorkingDir: "/w", User: "u" } },
        "on:1": { config: { OnBuild } },
    };
});

const stageName = fc.constantFrom("a", "b", "C", "d.1", "alpine", "x-linux", "x-amd64", "lib");
const base = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom("scratch", "scratch", "alpine", "img:1", "alpine:3") },
    { weight: 4, arbitrary: reference.map((number) => `@${number}@`) },
    {
        weight: 2,
        arbitrary: fc.constantFrom(
            ...["${base:-scratch}", "${base:-alpine}", "x-$TARGETOS", "x-$TARGETARCH"],
            ...["img:${v:-1}", "${base:-img:1}", "on:1", "on:1", "$base"],
        ),
    },
);
const platformFlag = fc.constantFrom(
    ...["", "", "", "--platform=$BUILDPLATFORM ", "--platform=linux/arm64 "],
    "--platform=$TARGETPLATFORM ",
);
const stage = fc
    .tuple(
        platformFlag,
        base,
        fc.option(stageName, { nil: undefined, freq: 4 }),
        fc.array(instruction, { maxLength: 5 }),
    )
    .map(([flag, image, name, body]) => ({
        name,
        text: [`FROM ${flag}${image}${name === undefined ? "" : ` AS ${name}`}`, ...body].join(
            "\n",
        ),
    }));
const globalArgument = fc.oneof(
    fc.tuple(variable, value).map(([name, text]) => `ARG ${name}=${text}`),
    fc.constantFrom("ARG base=alpine", "ARG base=a", "ARG base", "ARG SOURCE_DATE_EPOCH=1"),
    fc.constantFrom("ARG TARGETARCH", "ARG TARGETOS=linux", "ARG base=$v", "ARG v=a w=$v"),
);
const head = fc.constantFrom(
    ...["", "", "", "", "# escape=`\n", "# syntax=docker/dockerfile:1\n", "# a comment\n\n"],
    ...["# check=skip=all\n", "# check=error=true\n", "#syntax=docker/dockerfile:1\n#escape=`\n"],
);

/** Replaces references by names or numbers of stages, and marks by the escape. */
function assemble(
    start: string,
    globals: readonly string[],
    stages: readonly { readonly name: string | undefined; readonly text: string }[],
): string {
    const names = stages.map(({ name }, index) => name ?? String(index));
    const texts = stages.map(({ text }, index) => withReferences(text, index, names));
    const mark = start.includes("escape=`") ? "`" : "\\";
    return `${start}${[...globals, ...texts].join("\n")}\n`.replaceAll("⏎", mark);
}

/** A text of a stage, with names or numbers in place of references. */
function withReferences(text: string, index: number, names: readonly string[]): string {
    return text.replace(/@(\d+)@/g, (_, digits) => referenceTo(Number(digits), index, names));
}

/**
 * Mostly an earlier stage by name or number, sometimes an image, a context or something missing.
 */
function referenceTo(number: number, index: number, names: readonly string[]): string {
    const earlier = number % Math.max(1, index);
    if (index === 0) return ["ext", "alpine:3", "busybox"][number % 3] ?? "";
    if (number < 8) return names[earlier] ?? "scratch";
    if (number < 15) return String(earlier);
    if (number < 17) return names[earlier]?.toUpperCase() ?? "A";
    if (number < 21) return ["alpine:3", "ext", "lib", "b"][number - 17] ?? "";
    // The stage itself, or a later one.
    return names.at(-1) ?? "";
}

const ignorePattern = fc.constantFrom(
    ...["docs", "/conf/", "*.md", "**/*.md", "!docs/a.md", "logs/*", "!logs/keep.log", "*"],
    ...["!docs", "# comment", "", " cmd ", "docs/**", "!**/*.txt", "link*", "./docs/../cmd"],
    ...["[a-b].txt", "?.txt", "größe", "Dockerfile"],
);
const buildArg = fc.oneof(
    {
        weight: 5,
        arbitrary: fc.tuple(
            fc.constantFrom("v", "w", "base", "TARGETARCH", "HTTP_PROXY", "unused"),
            fc.constantFrom("docs", "conf", "a", "b", "", "1"),
        ),
    },
    // A time, or a stage or context that has a time.
    {
        weight: 1,
        arbitrary: fc.tuple(
            fc.constant("SOURCE_DATE_EPOCH"),
            fc.constantFrom("1", "1", "1700000000", "", "a", "ext"),
        ),
    },
);
const buildArgs = fc
    .array(buildArg, { maxLength: 2 })
    .map((pairs): Readonly<Record<string, string>> => Object.fromEntries(pairs));
const namedContexts = fc.constantFrom<Given["namedContexts"]>(
    undefined,
    undefined,
    undefined,
    { ext: "ext" },
    { lib: "ext" },
    { alpine: "docker-image://busybox:1" },
    { a: "docker-image://busybox:1", ext: "https://github.com/o/r.git#main" },
    { ext: "docker-image://scratch" },
    { ext: "git@github.com:o/r.git" },
    // With a further context, more triggers of a replaced stage stop a build without need.
    { lib: "docker-image://on:1" },
    { alpine: "docker-image://on:1" },
);
const given = fc.record(
    {
        target: fc.constantFrom("a", "b", "c", "d.1", "lib"),
        platforms: fc.constantFrom(["linux/arm64"], ["linux/amd64"], ["linux/amd64", "linux/arm"]),
        buildArgs,
        outputs: fc.constantFrom<"all" | "each">("all", "each"),
        baseImages: fc.constantFrom<"pin">("pin"),
        builder: fc.constant("linux/arm64"),
        namedContexts,
        carries: fc.constant(true),
    },
    { requiredKeys: [] },
);

/**
 * Build arguments without the values that the program must know: a time where it cannot look a name up,
 * and a base without a name, which makes BuildKit refuse a stage that nobody uses.
 */
function knowableArgs({
    buildArgs = {},
    outputs,
    baseImages,
}: Given): Readonly<Record<string, string>> {
    const { SOURCE_DATE_EPOCH: time, base } = buildArgs;
    const isTimeKnown = outputs === undefined && baseImages === undefined;
    return {
        ...buildArgs,
        ...(isTimeKnown || time === undefined ? {} : { SOURCE_DATE_EPOCH: "1" }),
        ...(outputs !== undefined && base === "" ? { base: "alpine" } : {}),
    };
}

/** Dockerfiles with every feature that has a case in the corpus. */
export const generated: fc.Arbitrary<Generated> = fc
    .tuple(
        head,
        fc.array(globalArgument, { maxLength: 2 }),
        fc.array(stage, { minLength: 1, maxLength: 4 }),
        fc.option(fc.array(ignorePattern, { maxLength: 3 }), { nil: undefined }),
        given,
        images,
        fc.constantFrom("", "", "", "", "\ufeff", "\r"),
    )
    .map(([start, globals, stages, ignore, rest, images, odd]) => {
        const names = stages.map(({ name }) => name?.toLowerCase());
        // A missing target is the same fault every time.
        const target = names.includes(rest.target) ? rest.target : undefined;
        const buildArgs = knowableArgs(rest);
        // Bases are pinned only when the program knows their names.
        const known =
            rest.baseImages === undefined
                ? { buildArgs }
                : { buildArgs, outputs: undefined, platforms: rest.platforms ?? ["linux/amd64"] };
        const plain = assemble(start, globals, stages);
        const lines = odd === "\r" ? plain.replaceAll("\n", "\r\n") : odd + plain;
        const { target: _, ...others } = rest;
        return {
            text: lines,
            ignore: ignore?.join("\n"),
            given: {
                ...others,
                ...known,
                ...(target === undefined ? {} : { target }),
                mountedStages: rest.carries === true ? names.flatMap((name) => name ?? []) : [],
                images: images(stages.map(({ name }, index) => name ?? String(index))),
                secrets: ["s", "t", "docs", "GIT_AUTH_TOKEN", "HTTP_AUTH_TOKEN_example.com"],
                ssh: ["default"],
            },
        };
    });
