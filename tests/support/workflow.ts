import { parse } from "yaml";

/** Names with their values: variables, or the expressions of a workflow. */
export type Values = Readonly<Record<string, string>>;

/** A shell script of a CI job. */
export interface Script {
    /** The command that a runner starts for the script. */
    readonly command: readonly string[];
    readonly environment: Values;
}

/** The environment whose secrets GitHub gives to a job; undefined for those of the repository alone. */
export function githubEnvironment(workflow: string, job: string): string | undefined {
    return parse(workflow).jobs[job].environment;
}

/**
 * The shell step of a job in a workflow of GitHub Actions. `values` has the value of each expression
 * in `${{ }}`.
 */
export function githubStep(
    workflow: string,
    { job, step, values }: { job: string; step: string; values: Values },
): Script {
    const fill = (text: string) =>
        text.replace(/\$\{\{ (.*?) \}\}/g, (_, name: string) => lookUp(values, name));
    const { env, jobs } = parse(workflow);
    const { env: jobEnv, steps } = jobs[job];
    const { env: stepEnv, run } = steps.find(({ name }: { name?: string }) => name === step);
    return {
        command: ["bash", "-e", "-c", fill(run)],
        environment: mapValues({ ...env, ...jobEnv, ...stepEnv }, fill),
    };
}

/** The script of a job in GitLab's CI file, with the `variables` that GitLab gives the job. */
export function gitlabScript(
    file: string,
    { job, variables }: { job: string; variables: Values },
): Script {
    const ci = parse(file, { merge: true });
    const own = { ...ci[ci[job].extends], ...ci[job] };
    const jobVariables = { ...ci[ci[job].extends]?.variables, ...ci[job].variables };
    const fill = (text: string) =>
        text.replace(/^\$(\w+)$/, (_, name: string) => lookUp(variables, name));
    const environment = {
        ...variables,
        ...mapValues({ ...ci.variables, ...jobVariables }, fill),
    };
    // GitLab flattens lists in scripts.
    const lines = [own.before_script ?? ci.default.before_script, own.script].flat(9);
    return { command: ["bash", "-eo", "pipefail", "-c", lines.join("\n")], environment };
}

function lookUp(values: Values, name: string): string {
    const value = values[name];
    if (value === undefined) throw new Error(`the test gives no value of ${name}`);
    return value;
}

const mapValues = (values: Values, change: (value: string) => string): Values =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
