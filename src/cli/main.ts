import "./nodeVersion";
import { errorCode } from "../http/error";
import { doctor } from "./doctor";
import { CommandError } from "./finding";
import { checkInit, init } from "./init";
import { previewState } from "./publicPreview";
import { publishState } from "./publicState";

const usage = `Usage: harbor-build COMMAND

  init           prepare the Pulumi project of this folder for harbor-build
  init --check   report what init would change, and change nothing
  doctor         report what this project needs for \`pulumi up\`, with the fix
  doctor --build           the same, and try each builder, and the registry through it; pushes nothing
  doctor --registry=HOST   the same, for images in a registry that is not Harbor

  public-state FILE [--stack NAME]   write the state of a stack without its secrets, for previews
  public-preview FILE [ARGS]         preview this project against such a state; ARGS of \`pulumi preview\`
`;

const print = (line: string): void => {
    process.stdout.write(`${line}\n`);
};

async function run(args: readonly string[]): Promise<number> {
    const folder = process.cwd();
    const [command, file = "", ...others] = args;
    const place = { folder, env: process.env, print };
    if (command === "public-preview" && file !== "") {
        return previewState(place, { file, args: others });
    }
    if (command === "public-state" && file !== "") {
        const [option, stack, ...excess] = others;
        const isStack = option === "--stack" && stack !== undefined;
        if ((option === undefined || isStack) && excess.length === 0) {
            return publishState(place, { file, stack });
        }
    }
    if (command === "doctor") {
        const options = args.slice(1);
        const builds = options.includes("--build");
        const [registry] = options.flatMap((option) => /^--registry=(.+)$/.exec(option)?.[1] ?? []);
        if (options.length === Number(builds) + Number(registry !== undefined)) {
            return doctor(place, { builds, registry });
        }
    }
    switch (args.join(" ")) {
        case "init":
            return init(folder, process.env, print);
        case "init --check":
            return checkInit(folder, print);
        case "--help":
        case "help":
            process.stdout.write(usage);
            return 0;
        default:
            process.stderr.write(usage);
            return 64;
    }
}

// Whoever reads the output has enough of it: `harbor-build doctor | head -3`.
process.stdout.on("error", (error) => {
    if (errorCode(error) !== "EPIPE") throw error;
    process.exit(141); // as a shell reports a program that SIGPIPE ended
});

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
