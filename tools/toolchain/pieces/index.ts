import type { Piece } from "../piece";
import type { ToolName } from "../toolset";
import { busybox, runc } from "./debian";
import { engine } from "./engine";
import { goroot, zoneinfo } from "./goroot";
import { caBundle, node } from "./machine";
import {
    actionlint,
    buildkit,
    buildx,
    cosign,
    dockerBuild,
    languageHosts,
    oracle,
    registry,
    sdkgen,
    yamlHost,
} from "./programs";

/** All pieces, those with the longest build first. */
export const pieces: readonly Piece[] = [
    engine,
    dockerBuild,
    buildkit,
    registry,
    oracle,
    sdkgen,
    buildx,
    yamlHost,
    languageHosts,
    cosign,
    actionlint,
    goroot,
    zoneinfo,
    runc,
    busybox,
    caBundle,
    node,
];

/** The pieces that contain the named tools, in the order of {@link pieces}. */
export function piecesFor(names: readonly ToolName[], among = pieces): Piece[] {
    return among.filter((piece) => piece.provides.some((tool) => names.includes(tool)));
}
