import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32, deflateRawSync } from "node:zlib";
import { storedFiles } from "../../../tools/toolchain/zip";

/** A zip archive (PKWARE APPNOTE 4.3) of the files given, uncompressed unless `method` is 8. */
function archive(files: Record<string, string>, method = 0): Buffer {
    const bodies: Buffer[] = [];
    const directory: Buffer[] = [];
    let offset = 0;
    for (const [name, text] of Object.entries(files)) {
        const content = Buffer.from(text);
        const packed = method === 8 ? deflateRawSync(content) : content;
        const common = Buffer.alloc(26);
        common.writeUInt16LE(method, 4);
        common.writeUInt32LE(crc32(content), 10);
        common.writeUInt32LE(packed.length, 14);
        common.writeUInt32LE(content.length, 18);
        common.writeUInt16LE(Buffer.byteLength(name), 22);
        const local = [Buffer.from("PK\x03\x04"), common, Buffer.from(name), packed];
        const tail = Buffer.alloc(14);
        tail.writeUInt32LE(offset, 10);
        const made = Buffer.from([20, 0]);
        directory.push(Buffer.from("PK\x01\x02"), made, common, tail, Buffer.from(name));
        bodies.push(...local);
        offset += Buffer.concat(local).length;
    }
    const central = Buffer.concat(directory);
    const end = Buffer.alloc(18);
    end.writeUInt16LE(Object.keys(files).length, 6);
    end.writeUInt32LE(central.length, 8);
    end.writeUInt32LE(offset, 12);
    return Buffer.concat([...bodies, central, Buffer.from("PK\x05\x06"), end]);
}

test("reads stored files with path and content, and skips folders", () => {
    const files = storedFiles(archive({ UTC: "u", "Asia/": "", "Asia/Shanghai": "zone" }));
    assert.deepEqual(
        files.map(({ path, content }) => [path, content.toString()]),
        [
            ["UTC", "u"],
            ["Asia/Shanghai", "zone"],
        ],
    );
});

test("rejects a compressed file by name", () => {
    assert.throws(() => storedFiles(archive({ UTC: "uuuuuuuuuuuu" }, 8)), {
        message: "zip: UTC is compressed (method 8), expected stored",
    });
});

test("rejects a file that is not a zip archive", () => {
    assert.throws(() => storedFiles(Buffer.alloc(40)), {
        message: "zip: no end of central directory at byte 18 of 40",
    });
});
