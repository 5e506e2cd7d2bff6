import { chmodSync, readFileSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { writeFolder } from "./tinyProject";
import type { UserProject } from "./userProject";
import type { Script } from "./workflow";

/** A machine that runs the scripts of CI jobs in a checked out project. */
export class CiRunner {
    private readonly project: UserProject;
    private readonly programs: string;
    private readonly calls: string;

    constructor(project: UserProject) {
        this.project = project;
        this.calls = join(writeFolder({}), "calls");
        const record = `#!/bin/sh\necho "$(basename "$0") $*" >> "${this.calls}"\n`;
        // Stand-ins: the packages and Pulumi are installed, and only the loopback can be reached.
        const programs = {
            npm: record,
            docker: record,
            gh: record,
            curl: `${record}case "$*" in *http://127.0.0.1:*) command -p curl "$@" ;; esac\n`,
        };
        this.programs = writeFolder(programs);
        for (const name of Object.keys(programs)) chmodSync(join(this.programs, name), 0o755);
    }

    /** Runs a script; returns its output and its calls of `npm`, `docker`, `gh` and `curl`. */
    async run({ command, environment }: Script) {
        rmSync(this.calls, { force: true });
        const PATH = [this.programs, this.project.path].join(delimiter);
        const ended = await this.project.run(command, { ...environment, PATH });
        return { ...ended, calls: readLines(this.calls) };
    }
}

function readLines(file: string): readonly string[] {
    try {
        return readFileSync(file, "utf8").trimEnd().split("\n");
    } catch {
        return [];
    }
}
