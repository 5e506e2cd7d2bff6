import { bench } from "../bench";
import { build } from "./build";
import { down } from "./down";
import { generate } from "./generate";
import { isProblem } from "./problem";
import { pulumi } from "./pulumi";
import { release } from "./release";
import { start } from "./start";
import { check, test, watch } from "./test";
import { listTools } from "./tools";

/** One `npm run` command of the clone; resolves to the exit code of the process. */
type Command = (args: readonly string[]) => Promise<number>;

const commands: Record<string, Command> = {
    bench,
    build,
    check,
    down,
    generate,
    pulumi,
    release,
    start,
    test,
    tools: listTools,
    watch,
};

async function main([name = "", ...args]: readonly string[]): Promise<number> {
    const command = commands[name];
    if (command === undefined) {
        console.error(
            `unknown command "${name}"; expected one of: ${Object.keys(commands).join(", ")}`,
        );
        return 2;
    }
    return command(args);
}

main(process.argv.slice(2)).then(
    (code) => {
        process.exitCode = code;
    },
    (error: unknown) => {
        console.error(isProblem(error) ? `error: ${error.message}` : error);
        process.exitCode = 1;
    },
);
