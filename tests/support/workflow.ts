import { parse } from "yaml";

/** Names with their values: variables, or the expressions of a workflow. */
export type Values = Readonly<Record<string, string>>;

/** A shell script of a CI job. */
export interface Script {
    /** The command that a runner starts for the script. */
    readonly command: readonly string[];
    readonly environment: Values;
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

/** The scripts of a job in GitLab's CI file, with GitLab's `variables`. */
export function gitlabScripts(
    file: string,
    { job, variables }: { job: string; variables: Values },
): { readonly main: Script; readonly after: Script } {
    const ci = parse(file, { merge: true });
    const fill = (text: string) =>
        text.replace(/^\$(\w+)$/, (_, name: string) => lookUp(variables, name));
    const environment = {
        ...variables,
        ...mapValues({ ...ci.variables, ...ci[job].variables }, fill),
    };
    const script = (lines: readonly string[] = []): Script => ({
        command: ["bash", "-eo", "pipefail", "-c", lines.join("\n")],
        environment,
    });
    return {
        main: script([...ci.default.before_script, ...ci[job].script]),
        after: script(ci[job].after_script),
    };
}

function lookUp(values: Values, name: string): string {
    const value = values[name];
    if (value === undefined) throw new Error(`the test gives no value of ${name}`);
    return value;
}

const mapValues = (values: Values, change: (value: string) => string): Values =>
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
