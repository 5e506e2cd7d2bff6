import { assemble } from "../../../tools/toolchain/assembly";
import { runCommand } from "../../../tools/toolchain/command";
import { filePiece, testRun } from "./pieces";

/** `ROOT`: builds a piece that takes a minute, and prints the final error. */
async function main([root = ""]: readonly string[]): Promise<void> {
    const endless = filePiece("endless", {
        build: async ({ log, signal }) => {
            process.stdout.write("building\n");
            await runCommand("sleep", ["60"], { log, signal });
        },
    });
    await assemble([endless], testRun(root)).catch((error: Error) =>
        process.stdout.write(`${error.message}\n`),
    );
}

main(process.argv.slice(2));
