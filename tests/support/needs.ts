import { access } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { runCommand } from "../../tools/toolchain/command";
import { givenRelease } from "../../tools/toolchain/pieces/engine";
import { type Lab, openLab } from "./lab";
import { pythonObstacle } from "./python";
import { hasSystemRights } from "./rights";

/** Declares a test, like node:test's own. */
export type Declare = (name: string, work: (context: TestContext) => Promise<void>) => void;

/** Declares tests that are skipped when `missing` returns a reason. */
function needing(missing: () => Promise<string | undefined>): Declare {
    return (name, work) => {
        void test(name, async (context) => {
            const reason = await missing();
            return reason === undefined ? work(context) : context.skip(reason);
        });
    };
}

/** Declares tests that only a system administrator can run; `what` names what needs that right. */
export function needingSystemRights(
    what: string,
    of: () => { readonly lab: Lab } = () => ({ lab: openLab() }),
): Declare {
    return needing(async () =>
        (await hasSystemRights(of().lab.admin))
            ? undefined
            : `${what} take the right of a system administrator`,
    );
}

/** Declares tests that need a Harbor over https, because `what` of docker-build requires it. */
export function needingHttps(what: string): Declare {
    return needing(async () =>
        isOverHttps(openLab())
            ? undefined
            : `docker-build's ${what} speaks https alone (0.0.22); this Harbor is served over http`,
    );
}

/** Declares tests that need a Docker daemon with buildx. */
export const needingDocker = needing(async () => {
    const answers = (...args: string[]) =>
        runCommand("docker", args, { timeoutMs: 20_000 }).then(
            () => true,
            () => false,
        );
    if (!(await answers("version"))) {
        return "no Docker daemon answers; start one, or name its address in DOCKER_HOST";
    }
    return (await answers("buildx", "version"))
        ? undefined
        : "docker has no buildx; install the plugin, https://github.com/docker/buildx";
});

/** Declares tests that install packages from PyPI. */
export const needingPython = needing(pythonObstacle);

/** Declares tests that need a Pulumi release with its own language hosts. */
export const needingRelease = needing(async () =>
    givenRelease() === undefined
        ? "no Pulumi release is given; HARBOR_BUILD_ENGINE=FOLDER names the folder of an unpacked one"
        : undefined,
);

/** Declares tests that run programs in another language than TypeScript. */
export function needingLanguage(name: "go" | "python" | "yaml"): Declare {
    return needing(async () => {
        const release = givenRelease();
        const host = `pulumi-language-${name}`;
        const lacks =
            release !== undefined &&
            (await access(join(release, host)).then(
                () => false,
                () => true,
            ));
        if (lacks) return `the Pulumi release in ${release} has no ${host}`;
        return name === "python" ? pythonObstacle() : undefined;
    });
}

/** Whether the lab's Harbor is served over https. */
export function isOverHttps({ admin }: Lab): boolean {
    return admin.url.startsWith("https:");
}
