import { InstructionError } from "./failure";
import { type InstructionBody, readInstruction } from "./instruction";
import { readLines } from "./lines";

/**
 * Parses an ONBUILD trigger as BuildKit does when the trigger runs: as a Dockerfile of one
 * instruction, with the default escape character even if the file with the trigger sets another.
 *
 * @throws InstructionError when BuildKit rejects the trigger.
 */
export function readTrigger(trigger: string): InstructionBody {
    const { directives, lines, failures } = readLines(trigger);
    const [failure] = failures;
    if (failure !== undefined) throw new InstructionError(`ONBUILD ${trigger}: ${failure.reason}`);
    const [line, ...more] = lines;
    if (line === undefined || more.length > 0) {
        throw new InstructionError(`ONBUILD ${trigger}: expected one instruction`);
    }
    const body = readInstruction(line.text, directives.escape, line.heredocs);
    if (body.kind === "from") throw new InstructionError(`ONBUILD ${trigger}: FROM is not allowed`);
    return body;
}
