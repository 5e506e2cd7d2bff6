import { connect } from "node:net";
import { type Builder, isShared, readBuilders, selectedBuilder } from "../buildkit/builders";
import { dockerRights } from "../explain/builderFault";
import { classifyBuildFault } from "../explain/classify";
import { reachingDockerfile, whyNoReach } from "./builderReach";
import { type Ended, programTimeoutMs, runProgram } from "./command";
import { type Finding, fault, good, note } from "./finding";

/** Drivers that docker-build uses. The others, such as Docker's cloud, need its option `exec`. */
const drivers = ["docker-container", "kubernetes", "remote"];
/** Time allowed for a connection to a builder, in milliseconds. */
const timeoutMs = 3000;
/** Time allowed for a build, in milliseconds: a builder may have to pull BuildKit's image. */
const buildTimeoutDefaultMs = 180_000;
const create = "`docker buildx create --use` creates a builder with the driver docker-container.";

/** How to check builders. */
interface BuilderCheck {
    readonly cwd: string;
    readonly env: NodeJS.ProcessEnv;
    /** Whether to build a tiny image on each builder. Starts a builder that does not run. */
    readonly builds: boolean;
    /** Host of the registry that each builder must reach when it builds. @default none */
    readonly registry?: string | undefined;
    /** Time allowed for one answer of Docker, in milliseconds. @default 20_000 */
    readonly askTimeoutMs?: number;
    /** Time allowed for a build, in milliseconds. @default 180_000 */
    readonly buildTimeoutMs?: number;
}

/** Checks the builders that docker-build can choose from. */
export async function checkBuilders(check: BuilderCheck): Promise<readonly Finding[]> {
    const builders = readBuilders(check.env);
    if (builders.length === 0) return [await checkDocker(check)];
    const findings = await Promise.all(builders.map((builder) => checkBuilder(builder, check)));
    return [...checkChoice(builders, check.env), ...findings];
}

/** docker-build starts a builder of its own when it finds none. */
async function checkDocker(check: BuilderCheck): Promise<Finding> {
    const { cwd, env, askTimeoutMs: timeoutMs = programTimeoutMs } = check;
    const docker = await runProgram("docker", ["version"], { cwd, env, timeoutMs });
    const subject = "builder";
    if (docker?.isGood) {
        return note(
            subject,
            "none that docker-build can use: it starts a BuildKit container in Docker, without your settings, and leaves it running. Docker's own builder (`default`, driver docker) does not help.",
            create,
        );
    }
    if (docker === undefined) {
        return fault(subject, "no buildx builder, and no Docker that answers.", create);
    }
    const reason = docker.isLate ? noAnswer(timeoutMs) : firstLine(docker.stderr);
    return fault(
        subject,
        sentence(`no buildx builder, and Docker does not answer${reason && `: ${reason}`}`),
        dockerFix(docker.stderr),
    );
}

/** With several builders, names the one that images without the argument `builder` use. */
function checkChoice(builders: readonly Builder[], env: NodeJS.ProcessEnv): readonly Finding[] {
    if (builders.length === 1) return [];
    const names = builders.map(({ name }) => name).join(", ");
    const selected = selectedBuilder(env);
    const isSelected = builders.some(({ name }) => name === selected);
    return [
        isSelected
            ? good("builders", `${names}; docker-build uses ${selected}, which is selected`)
            : note(
                  "builders",
                  `${names}; none is selected, so docker-build uses the first that runs.`,
                  "name one in the argument `builder`, or select one with `docker buildx use NAME`.",
              ),
    ];
}

async function checkBuilder(builder: Builder, check: BuilderCheck): Promise<Finding> {
    const { name, driver, nodes } = builder;
    const subject = `builder ${name}`;
    if (!drivers.includes(driver)) {
        const expected = drivers.join(", ");
        return fault(
            subject,
            `docker-build does not use the driver ${driver}. Expected ${expected}.`,
            create,
        );
    }
    for (const { endpoint } of driver === "remote" ? nodes : []) {
        const reason = await whyUnreachable(endpoint);
        if (reason !== undefined) {
            return fault(
                subject,
                `no BuildKit answers at ${endpoint} (${reason}).`,
                `start it, or remove the builder: \`docker buildx rm ${name}\`.`,
            );
        }
    }
    const asked = driver === "remote" ? "" : await askBuildx(builder, check);
    if (typeof asked !== "string") return asked;
    const built = check.builds ? await build(builder, check) : "";
    if (typeof built !== "string") return built;
    const shared = isShared({ driver })
        ? "; anyone who builds on it can change what all others build on it"
        : "";
    return good(subject, `driver ${driver}${asked}${built}${shared}`);
}

/** What buildx finds of a builder in Docker or in Kubernetes. */
async function askBuildx(builder: Builder, check: BuilderCheck): Promise<Finding | string> {
    const { cwd, env, askTimeoutMs: timeoutMs = programTimeoutMs } = check;
    const { name } = builder;
    const subject = `builder ${name}`;
    const ended = await runProgram("docker", ["buildx", "inspect", name], {
        cwd,
        env,
        timeoutMs,
    });
    if (ended === undefined || /unknown command|is not a docker command/.test(ended.stderr)) {
        return note(
            subject,
            `driver ${builder.driver}; not checked, because there is no \`docker buildx\`.`,
            "install Docker's buildx plugin, https://github.com/docker/buildx.",
        );
    }
    const failure = ended.isLate
        ? noAnswer(timeoutMs)
        : ended.stderr.trim() || "it ends without a message";
    const error = /^Error: +(.+)$/m.exec(ended.stdout)?.[1] ?? (ended.isGood ? "" : failure);
    if (error !== "") {
        const removal = `Or remove the builder: \`docker buildx rm ${name}\`.`;
        return fault(
            subject,
            sentence(`buildx cannot reach it: ${firstLine(error)}`),
            isDockerFault(error) ? dockerFix(error) : `${dockerFix(error)} ${removal}`,
        );
    }
    const isRunning = /^Status: +running$/m.test(ended.stdout);
    if (isRunning || builder.driver !== "docker-container") return "";
    // docker-build 0.0.22 connects only to builders that run, unless one is selected or given.
    if (selectedBuilder(env) === name) return ", does not run; docker-build starts it";
    if (check.builds) return ", did not run; this check starts it";
    return note(
        subject,
        "does not run, and is not selected: docker-build skips it, unless the argument `builder` names it, and starts a BuildKit container without your settings if no other builder runs.",
        `select it with \`docker buildx use ${name}\`, and docker-build starts it; or start it with \`docker buildx inspect --bootstrap ${name}\`.`,
    );
}

/**
 * Builds an image without content on a builder, then asks the registry through the builder. Pushes
 * nothing.
 */
async function build(builder: Builder, check: BuilderCheck): Promise<Finding | string> {
    const { name } = builder;
    const { registry } = check;
    const ended = await tryBuild(name, "FROM scratch\nLABEL harbor-build=doctor\n", check);
    if (ended?.isGood) {
        return registry === undefined ? ", builds" : reach(builder, registry, check);
    }
    const error = errorOf(ended) ?? "no `docker buildx`";
    const inspect = `see \`docker buildx inspect --bootstrap ${name}\`.`;
    if (ended?.isLate) {
        return fault(`builder ${name}`, `cannot build: ${noAnswer(buildLimit(check))}.`, inspect);
    }
    const { what, advice } = classifyBuildFault(error);
    return fault(
        `builder ${name}`,
        `cannot build: ${what} (${firstLine(error)}).`,
        advice.replace(/^Fix: /, "") || inspect,
    );
}

async function reach(
    builder: Builder,
    registry: string,
    check: BuilderCheck,
): Promise<Finding | string> {
    const ended = await tryBuild(builder.name, reachingDockerfile(registry), check);
    const error = ended?.isLate
        ? `i/o timeout: ${noAnswer(buildLimit(check))}`
        : (errorOf(ended) ?? "");
    const reason = whyNoReach(error, builder, registry);
    return reason === undefined
        ? `, builds, and reaches ${registry}`
        : fault(
              `builder ${builder.name}`,
              `builds, but cannot use ${registry}: ${reason.what} (${firstLine(error)}).`,
              reason.fix,
          );
}

function tryBuild(
    name: string,
    dockerfile: string,
    check: BuilderCheck,
): Promise<Ended | undefined> {
    const { cwd, env } = check;
    const args = ["buildx", "build", "--builder", name, "--output", "type=cacheonly", "-"];
    const timeoutMs = buildLimit(check);
    return runProgram("docker", args, { cwd, env, timeoutMs, input: dockerfile });
}

const buildLimit = ({ buildTimeoutMs = buildTimeoutDefaultMs }: BuilderCheck): number =>
    buildTimeoutMs;

const errorOf = (ended: Ended | undefined): string | undefined =>
    /ERROR: (.+)/.exec(ended?.stderr ?? "")?.[1];

const noAnswer = (limitMs: number): string => `no answer in ${limitMs / 1000} s`;

const firstLine = (text: string): string =>
    text
        .trim()
        .split("\n")[0]
        ?.replace(/^ERROR: /, "")
        .replace(/\.$/, "") ?? "";

/** Ends a text that may quote a question, such as docker's "Is the docker daemon running?". */
const sentence = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`);

/** Whether Docker is not there. Its builders return with it, so they need not be removed. */
const isDockerFault = (error: string): boolean =>
    /permission denied|docker API|Docker daemon/.test(error);

/** What to do when Docker does not answer. */
function dockerFix(error: string): string {
    return /permission denied/.test(error)
        ? dockerRights
        : "start Docker, or name its address in DOCKER_HOST.";
}

/** Why nothing answers at a BuildKit's address; undefined when something does, or when that is unknown. */
function whyUnreachable(endpoint: string): Promise<string | undefined> {
    const unix = /^unix:\/\/(.+)$/.exec(endpoint)?.[1];
    const tcp = /^tcp:\/\/(.+):(\d+)$/.exec(endpoint);
    if (unix === undefined && tcp === null) return Promise.resolve(undefined);
    return new Promise((resolve) => {
        const socket =
            unix === undefined ? connect(Number(tcp?.[2]), tcp?.[1]) : connect({ path: unix });
        const end = (reason: string | undefined) => {
            socket.destroy();
            resolve(reason);
        };
        socket.setTimeout(timeoutMs, () => end(`no answer within ${timeoutMs / 1000} s`));
        socket.on("connect", () => end(undefined));
        socket.on("error", (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
    });
}
