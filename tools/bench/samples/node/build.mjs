// Bundles the program with webpack; webpack's cache is in node_modules/.cache.
import webpack from "webpack";

const compiler = webpack({
    mode: "production",
    target: "node",
    entry: "./src/index.js",
    output: { path: `${process.cwd()}/out`, filename: "app.js" },
    cache: { type: "filesystem" },
    performance: false,
});
compiler.run((error, stats) => {
    const failed = error ?? (stats.hasErrors() ? stats.toString() : undefined);
    if (failed) {
        console.error(failed);
        process.exitCode = 1;
    }
    compiler.close(() => {});
});
