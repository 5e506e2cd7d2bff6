import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureEntry, entryOf } from "../../../tools/toolchain/cache/store";

/** `ROOT LOG`: ensures an entry that takes a while to build; logs the build and the found content. */
async function main([root = "", log = ""]: readonly string[]): Promise<void> {
    const entry = entryOf("wanted-by-two", 1, root);
    await ensureEntry(entry, { onWait: () => {}, onDamaged: () => {} }, async (folder) => {
        appendFileSync(log, "built\n");
        await sleep(300);
        writeFileSync(join(folder, "program"), "content");
    });
    appendFileSync(log, `${readFileSync(join(entry.folder, "program"), "utf8")}\n`);
}

main(process.argv.slice(2));
