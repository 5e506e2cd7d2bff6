import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDockerfile } from "../../../src/dockerfile";
import { hasShell } from "../../../src/slice/baseShell";

const judge = (lines: string) =>
    hasShell(parseDockerfile(`FROM base\n${lines}\n`).stages[0]?.instructions ?? []);

const mount = "--mount=type=cache,target=/m";

for (const lines of [
    `RUN ${mount} go build`,
    `RUN ${mount} <<EOF\ngo build\nEOF`,
    `COPY . .\nRUN ${mount} go build\nRUN ["go", "test"]`,
    `COPY a /usr/src/app/\nCOPY --from=composer /usr/bin/composer /usr/bin/composer\nRUN x`,
    `COPY --from=uv /uv /uvx /bin/\nRUN ${mount} uv sync`,
    `SHELL ["/bin/bash", "-o", "pipefail", "-c"]\nRUN ${mount} go build`,
    `shell [ "bash", "-c" ]\nRUN x`,
]) {
    test(`finds that the base has a shell: ${JSON.stringify(lines)}`, () => {
        assert.equal(judge(lines), true);
    });
}

for (const lines of [
    `RUN ${mount} ["/go", "build"]`,
    `RUN ["/busybox", "--install", "/bin"]\nRUN ${mount} go build`,
    `RUN ${mount} <<EOF\n#!/usr/bin/python3\nprint()\nEOF`,
    `SHELL ["/busybox/sh", "-c"]\nRUN ${mount} go build`,
    `SHELL ["powershell", "-Command"]\nRUN x`,
    `COPY --from=busybox /bin/sh /bin/sh\nRUN x`,
    `COPY --from=busybox /bin/sh /bin/\nRUN x`,
    `COPY --from=busybox /bin /bin\nRUN x`,
    `COPY --from=busybox /bin/busybox /usr/bin/\nRUN x`,
    `COPY tools/* /bin/\nRUN x`,
    `ADD rootfs.tar /\nRUN x`,
    `COPY rootfs /usr/\nRUN x`,
    `ARG DIR\nCOPY sh $DIR\nRUN x`,
    "ENV A=1",
]) {
    test(`does not know that the base has a shell: ${JSON.stringify(lines)}`, () => {
        assert.equal(judge(lines), false);
    });
}
