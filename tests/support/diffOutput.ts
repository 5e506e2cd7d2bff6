/** Resources that `pulumi preview --diff` marks as changed, as `OPERATION TYPE NAME`. */
export const changedResources = (output: string): readonly string[] =>
    [...output.matchAll(/^ *[~+-]+ +([\w:/-]+): \((\w+)\)[\s\S]*?\[urn=[^\]]*::([^\]]+)\]/gm)].map(
        ([, type, operation, urn]) => `${operation} ${type} ${urn}`,
    );
