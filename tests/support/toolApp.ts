import type { BuildRecord } from "./buildRecord";

const mount = "/root/.cache/tool";
/** A stand-in for a compiler: fast when its cache mount has the output of an earlier run. */
const compile =
    `if [ -f ${mount}/objects ]; then echo "compiles fast"; ` +
    `else echo "compiles all"; head -c 200000 /dev/urandom > ${mount}/objects; fi; cp /src/main.txt /out`;

/** The files of an app whose build shows whether it had the content of its cache mount. */
export const toolApp = {
    "app/Dockerfile": [
        "FROM alpine:3.22 AS build",
        "COPY deps.txt /src/",
        "RUN cat /src/deps.txt > /deps",
        "COPY main.txt /src/",
        `RUN --mount=type=cache,target=${mount} ${compile}`,
        "FROM alpine:3.22",
        "COPY conf.txt /etc/",
        "COPY --from=build /out /out",
        "",
    ].join("\n"),
    "app/deps.txt": "deps\n",
    "app/main.txt": "main\n",
    "app/conf.txt": "conf\n",
};

/** What such compilers printed, in all builds. */
export const printedIn = (builds: readonly BuildRecord[]): readonly string[] =>
    builds.flatMap(({ output }) => output.match(/compiles \w+/g) ?? []);
