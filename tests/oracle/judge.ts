import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type BuildCase, layOut, parseCase } from "./buildCase";
import { compare } from "./compare";
import { type Declaration, declare, loadComponent } from "./component";
import { Oracle } from "./oracle";

/**
 * `node --import tsx tests/oracle/judge.ts CASE.txt…` prints the slices that the component makes of
 * cases of the corpus, and how they differ from the whole.
 */
async function main(paths: readonly string[]): Promise<void> {
    const cases = paths.map((path) => parseCase(path, readFileSync(resolve(path))));
    const oracle = await Oracle.open();
    const work = mkdtempSync(join(tmpdir(), "harbor-build-judge-"));
    process.chdir(work);
    const component = await loadComponent();
    try {
        for (const file of cases) {
            const { build, remove } = layOut(file);
            print(`=== ${build.name}`);
            await declare(component, build, (declaration) => show(oracle, build, declaration));
            remove();
        }
    } finally {
        oracle.close();
        rmSync(work, { recursive: true, force: true });
    }
}

async function show(oracle: Oracle, build: BuildCase, declaration: Declaration): Promise<void> {
    for (const { request, obstacle } of "images" in declaration ? declaration.images : []) {
        const { dockerfile, ignore, context: _, images: __, anyImage: ___, ...rest } = request;
        print(`--- ${JSON.stringify(rest)}\n${dockerfile}--- .dockerignore\n${ignore}`);
        if (obstacle !== undefined) print(`STOPPED ${obstacle}`);
    }
    if ("faults" in declaration) print(declaration.faults);
    for (const { kind, image, detail } of await compare(oracle, build, declaration)) {
        print(`DIFFERENCE ${kind}: ${image}: ${detail}`);
    }
}

function print(text: string): void {
    process.stdout.write(`${text}\n`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    process.exitCode = 1;
});
