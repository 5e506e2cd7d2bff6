// Bundles the program with webpack; webpack's cache is in node_modules/.cache. Libraries have a chunk
// of their own, so that a changed source file does not minify them again.
import webpack from "webpack";

const compiler = webpack({
    mode: "production",
    target: "node",
    entry: { app: "./src/index.js" },
    output: { path: `${process.cwd()}/out`, filename: "[name].js" },
    cache: { type: "filesystem" },
    performance: false,
    optimization: { splitChunks: { chunks: "all" } },
});
compiler.run((error, stats) => {
    const failed = error ?? (stats.hasErrors() ? stats.toString() : undefined);
    if (failed) {
        console.error(failed);
        process.exitCode = 1;
    }
    compiler.close(() => {});
});
