/** Wire types of Protocol Buffers: https://protobuf.dev/programming-guides/encoding/ */
const wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** A received Protocol Buffers message. A missing field reads as its default, as in proto3. */
export class Message {
    private readonly numbers = new Map<number, number>();
    private readonly chunks = new Map<number, Buffer[]>();

    /** @throws RangeError when `bytes` end in the middle of a field. */
    constructor(bytes: Buffer) {
        const reader = new Reader(bytes);
        while (!reader.isAtEnd) {
            const key = reader.varint();
            const field = Math.floor(key / 8);
            switch (key % 8) {
                case wire.varint:
                    this.numbers.set(field, reader.varint());
                    break;
                case wire.bytes:
                    this.chunks.set(field, [
                        ...(this.chunks.get(field) ?? []),
                        reader.take(reader.varint()),
                    ]);
                    break;
                case wire.fixed64:
                    reader.take(8);
                    break;
                case wire.fixed32:
                    reader.take(4);
                    break;
                default:
                    throw new RangeError(`field ${field} has the unknown wire type ${key % 8}`);
            }
        }
    }

    number(field: number): number {
        return this.numbers.get(field) ?? 0;
    }

    text(field: number): string {
        return this.texts(field).at(-1) ?? "";
    }

    texts(field: number): readonly string[] {
        return (this.chunks.get(field) ?? []).map((chunk) => chunk.toString("utf8"));
    }

    messages(field: number): readonly Message[] {
        return (this.chunks.get(field) ?? []).map((chunk) => new Message(chunk));
    }

    /** A `map<string, string>`. */
    entries(field: number): Readonly<Record<string, string>> {
        return Object.fromEntries(
            this.messages(field).map((entry) => [entry.text(1), entry.text(2)]),
        );
    }

    /** A `google.protobuf.Timestamp`, in milliseconds since 1970; undefined when it is not set. */
    timeMs(field: number): number | undefined {
        const [time] = this.messages(field);
        return time === undefined ? undefined : time.number(1) * 1000 + time.number(2) / 1e6;
    }
}

/** Encodes the fields of a message to send. */
export function encode(fields: Readonly<Record<number, string | number>>): Buffer {
    const parts = Object.entries(fields).map(([field, value]) => {
        if (typeof value === "number") {
            return Buffer.concat([varint(Number(field) * 8 + wire.varint), varint(value)]);
        }
        const bytes = Buffer.from(value, "utf8");
        return Buffer.concat([varint(Number(field) * 8 + wire.bytes), varint(bytes.length), bytes]);
    });
    return Buffer.concat(parts);
}

function varint(value: number): Buffer {
    const bytes: number[] = [];
    let rest = value;
    while (rest >= 0x80) {
        bytes.push((rest % 0x80) + 0x80);
        rest = Math.floor(rest / 0x80);
    }
    return Buffer.from([...bytes, rest]);
}

class Reader {
    private readonly bytes: Buffer;
    private at = 0;

    constructor(bytes: Buffer) {
        this.bytes = bytes;
    }

    get isAtEnd(): boolean {
        return this.at >= this.bytes.length;
    }

    /** An unsigned number. Above 2^53 it is not exact; the messages that we read have no such values. */
    varint(): number {
        let value = 0;
        for (let factor = 1; ; factor *= 0x80) {
            const byte = this.bytes[this.at++];
            if (byte === undefined) throw new RangeError("the message ends in a number");
            value += (byte % 0x80) * factor;
            if (byte < 0x80) return value;
        }
    }

    take(length: number): Buffer {
        const end = this.at + length;
        if (end > this.bytes.length) throw new RangeError("the message ends in a field");
        const taken = this.bytes.subarray(this.at, end);
        this.at = end;
        return taken;
    }
}
