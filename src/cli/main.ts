import "./nodeVersion";
import { doctor } from "./doctor";
import { CommandError } from "./finding";
import { checkInit, init } from "./init";

const usage = `Usage: harbor-build COMMAND

  init           prepare the Pulumi project of this folder for harbor-build
  init --check   report what init would change, and change nothing
  doctor         report what this project needs for \`pulumi up\`, with the fix
`;

const print = (line: string): void => {
    process.stdout.write(`${line}\n`);
};

async function run(args: readonly string[]): Promise<number> {
    const folder = process.cwd();
    switch (args.join(" ")) {
        case "init":
            return init(folder, process.env, print);
        case "init --check":
            return checkInit(folder, print);
        case "doctor":
            return doctor(folder, process.env, print);
        case "--help":
        case "help":
            process.stdout.write(usage);
            return 0;
        default:
            process.stderr.write(usage);
            return 64;
    }
}

run(process.argv.slice(2)).then(
    (code) => {
        process.exitCode = code;
    },
    (error: unknown) => {
        const text = error instanceof CommandError ? error.message : (error as Error).stack;
        process.stderr.write(`${text}\n`);
        process.exitCode = 1;
    },
);
