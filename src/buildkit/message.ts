import { sdkModule } from "./sdkModules";

// Shape: the types of the module that the SDK depends on.
const { BinaryReader, BinaryWriter } = sdkModule(
    "google-protobuf",
) as typeof import("google-protobuf");

/** Wire types of Protocol Buffers: https://protobuf.dev/programming-guides/encoding/ */
const wire = { varint: 0, bytes: 2 } as const;

/** A received Protocol Buffers message. A missing field reads as its default, as in proto3. */
export class Message {
    private readonly numbers = new Map<number, number>();
    private readonly chunks = new Map<number, Uint8Array[]>();

    /** @throws Error when `bytes` end in the middle of a field. */
    constructor(bytes: Uint8Array) {
        const reader = new BinaryReader(bytes);
        while (reader.nextField()) {
            const field = reader.getFieldNumber();
            // The types list the wire types as an enum.
            const type: number = reader.getWireType();
            if (type === wire.varint) this.numbers.set(field, reader.readUint64());
            else if (type === wire.bytes) {
                const chunks = this.chunks.get(field) ?? [];
                chunks.push(reader.readBytes());
                this.chunks.set(field, chunks);
            } else reader.skipField();
        }
    }

    number(field: number): number {
        return this.numbers.get(field) ?? 0;
    }

    text(field: number): string {
        return this.texts(field).at(-1) ?? "";
    }

    texts(field: number): readonly string[] {
        return (this.chunks.get(field) ?? []).map((chunk) => Buffer.from(chunk).toString("utf8"));
    }

    bytes(field: number): Uint8Array {
        return this.chunks.get(field)?.at(-1) ?? new Uint8Array();
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
    const writer = new BinaryWriter();
    for (const [field, value] of Object.entries(fields)) {
        if (typeof value === "number") writer.writeUint64(Number(field), value);
        else writer.writeString(Number(field), value);
    }
    return Buffer.from(writer.getResultBuffer());
}
