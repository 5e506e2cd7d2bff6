import { assemble, standingOf } from "./assembly";
import { cacheRoot } from "./cache/store";
import { ToolchainError } from "./failure";
import { newLanes } from "./lanes";
import type { Piece } from "./piece";
import { findGo, goObstacle } from "./pieces/go";
import { pieces, piecesFor } from "./pieces/index";
import { isCached } from "./pieces/machine";
import { goPins } from "./pins";
import { Progress } from "./progress";
import type { ToolName, ToolReport, Tools } from "./toolset";

export { installPlugins } from "./pulumiHome";
export type { ToolName, ToolReport, Tools };

/**
 * Finds the named tools on the machine or in the cache, and builds the missing ones with progress on
 * standard error. Looks for no other tools.
 *
 * @throws ToolchainError that names the tools that cannot be provided, why, and what to do.
 */
export async function ensureTools<Name extends ToolName>(
    names: readonly Name[],
): Promise<Pick<Tools, Name>> {
    const tools = await assemble(piecesFor(names), {
        root: cacheRoot(),
        lanes: newLanes(),
        progress: new Progress(),
    });
    const lacking = names.filter((name) => tools[name] === undefined);
    if (lacking.length > 0) {
        throw new Error(`no piece of the toolchain provides ${lacking.join(", ")}`);
    }
    // The check above found a path for every name.
    return tools as Pick<Tools, Name>;
}

/**
 * Finds the named tools as {@link ensureTools} does, and makes none.
 *
 * @throws ToolchainError naming what is missing.
 */
export async function findTools<Name extends ToolName>(
    names: readonly Name[],
): Promise<Pick<Tools, Name>> {
    const needed = piecesFor(names);
    const standings = await Promise.all(needed.map((piece) => standingOf(piece, cacheRoot())));
    const missing = needed.filter((_, index) => standings[index]?.source === "missing");
    if (missing.length > 0) {
        const titles = missing.map(({ title }) => title).join(", ");
        throw new ToolchainError(
            `not on this machine: ${titles}. This command does not build tools; npm start does`,
        );
    }
    return ensureTools(names);
}

/** Reports where every tool is, and how to get the missing ones. Builds nothing. */
export async function inspectTools(): Promise<ToolReport[]> {
    const reports = await Promise.all(pieces.map(inspectPiece));
    return [await inspectGo(), ...reports.flat()];
}

async function inspectPiece(piece: Piece): Promise<ToolReport[]> {
    const standing = await standingOf(piece, cacheRoot());
    if (standing.source === "missing") {
        const obstacle = await piece.obstacle();
        const commands = piece.onlyFor ?? "npm start, npm test";
        const remedy = obstacle ?? `built when first needed (${commands})`;
        const { version, onlyFor } = piece;
        const missing = { found: false, version, path: undefined, source: "missing" } as const;
        return piece.provides.map((name) => ({ name, ...missing, remedy, onlyFor }));
    }
    const fromMachine = standing.source === "machine";
    const tools = fromMachine ? standing.find.tools : piece.toolsIn(standing.entry.folder);
    const version = fromMachine
        ? standing.find.version
        : ((await piece.versionIn?.(standing.entry.folder)) ?? piece.version);
    return piece.provides.map((name) => {
        const path = tools[name];
        const source = fromMachine && !isCached(path ?? "") ? "machine" : "cache";
        return { name, found: path !== undefined, version, path, source };
    });
}

async function inspectGo(): Promise<ToolReport> {
    const go = await findGo();
    const obstacle = await goObstacle();
    return {
        name: "go",
        found: obstacle === undefined,
        version: go?.version ?? `>= ${goPins.minimum}`,
        path: go?.path,
        source: go === undefined ? "missing" : "machine",
        ...(obstacle === undefined ? {} : { remedy: obstacle }),
    };
}
