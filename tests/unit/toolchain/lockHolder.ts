import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { withLock } from "../../../tools/toolchain/cache/lock.cjs";

/** `TARGET LOG HOLD_MS`: takes a lock, and writes to the log when it takes and releases the lock. */
async function main([target = "", log = "", holdMs = "0"]: readonly string[]): Promise<void> {
    await withLock(target, async () => {
        appendFileSync(log, `${process.pid} in\n`);
        await sleep(Number(holdMs));
        appendFileSync(log, `${process.pid} out\n`);
    });
}

main(process.argv.slice(2));
