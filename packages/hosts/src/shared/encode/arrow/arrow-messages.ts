/**
 * The messages of Arrow's IPC format (Message.fbs, Schema.fbs and File.fbs of its specification), but for the bodies of batches. Those have a
 * template each: the numbers of nodes and buffers do not change, so that only their lengths have to be put in.
 */
import { Builder, ByteBuffer, type Offset } from 'flatbuffers';
import type { SchemaColumn } from './arrow-plan.js';

const VERSION_5 = 4;
const LITTLE_ENDIAN = 0;
const NANOSECOND = 3;
const Header = { schema: 1, dictionaryBatch: 2, recordBatch: 3 } as const;
const Type = { int: 2, binary: 4, utf8: 5, timestamp: 10, list: 12, struct: 13 } as const;

/** A message begins with `FFFFFFFF` and the bytes of its metadata. */
const PREFIX_BYTES = 8;
const MAGIC = new TextEncoder().encode('ARROW1');

/** What a file begins with, up to a multiple of 8 bytes. */
export const FILE_BEGIN: Uint8Array = Uint8Array.of(...MAGIC, 0, 0);
/** The end of a stream. */
export const STREAM_END: Uint8Array = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);

export interface MessageTemplate {
  /** A whole number of 8 bytes; the body stands behind it. */
  readonly bytes: Uint8Array;
  /** Where to write, as u64: the bytes of the body, and the rows. */
  readonly bodyLengthAt: number;
  readonly lengthAt: number;
  /** Where the length and the nulls of each node stand, and the place and the length of each buffer: two u64 each. */
  readonly nodesAt: number;
  readonly buffersAt: number;
}

/** Where a message is in a file. */
export interface Block {
  readonly offset: number;
  readonly metadataBytes: number;
  readonly bodyBytes: number;
}

export function schemaMessage(columns: readonly SchemaColumn[]): Uint8Array {
  const builder = new Builder(1024);
  finishMessage(builder, Header.schema, schema(builder, columns));
  return framed(builder.asUint8Array());
}

/** @param nodes, buffers how many the columns have */
export function recordBatchTemplate(nodes: number, buffers: number): MessageTemplate {
  const builder = new Builder(1024);
  builder.forceDefaults(true);
  finishMessage(builder, Header.recordBatch, recordBatch(builder, nodes, buffers));
  return template(builder, (table) => table);
}

/** For a dictionary of texts, which replaces the one before it. */
export function dictionaryTemplate(id: number): MessageTemplate {
  const builder = new Builder(256);
  builder.forceDefaults(true);
  const data = recordBatch(builder, 1, 3);
  builder.startObject(3);
  builder.addFieldInt64(0, BigInt(id), 0n);
  builder.addFieldOffset(1, data, 0);
  builder.addFieldInt8(2, 0, 0);
  finishMessage(builder, Header.dictionaryBatch, builder.endObject());
  return template(builder, (table, buffer) => indirect(buffer, table, 1));
}

/** What a file ends with, behind the end of its stream. */
export function fileFooter(columns: readonly SchemaColumn[], recordBatches: readonly Block[]): Uint8Array {
  const builder = new Builder(1024 + recordBatches.length * 24);
  const schemaAt = schema(builder, columns);
  builder.startVector(24, recordBatches.length, 8);
  for (const { offset, metadataBytes, bodyBytes } of [...recordBatches].reverse()) {
    builder.prep(8, 24);
    builder.writeInt64(BigInt(bodyBytes));
    builder.pad(4);
    builder.writeInt32(metadataBytes);
    builder.writeInt64(BigInt(offset));
  }
  const blocks = builder.endVector();
  builder.startObject(5);
  builder.addFieldInt16(0, VERSION_5, 0);
  builder.addFieldOffset(1, schemaAt, 0);
  builder.addFieldOffset(3, blocks, 0);
  builder.finish(builder.endObject());
  const footer = builder.asUint8Array();
  const bytes = new Uint8Array(footer.length + 4 + MAGIC.length);
  bytes.set(footer);
  new DataView(bytes.buffer).setUint32(footer.length, footer.length, true);
  bytes.set(MAGIC, footer.length + 4);
  return bytes;
}

function finishMessage(builder: Builder, type: number, header: Offset): void {
  builder.startObject(5);
  builder.addFieldInt16(0, VERSION_5, 0);
  builder.addFieldInt8(1, type, 0);
  builder.addFieldOffset(2, header, 0);
  builder.addFieldInt64(3, 0n, 0n);
  builder.finish(builder.endObject());
}

function framed(metadata: Uint8Array): Uint8Array {
  const length = Math.ceil(metadata.length / 8) * 8;
  const bytes = new Uint8Array(PREFIX_BYTES + length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0xffff_ffff);
  view.setUint32(4, length, true);
  bytes.set(metadata, PREFIX_BYTES);
  return bytes;
}

/** @param batchOf the table of the record batch, when the header of the message is given */
function template(builder: Builder, batchOf: (header: number, buffer: ByteBuffer) => number): MessageTemplate {
  const metadata = builder.asUint8Array();
  const buffer = new ByteBuffer(metadata);
  const message = buffer.readInt32(0);
  const batch = batchOf(indirect(buffer, message, 2), buffer);
  return {
    bytes: framed(metadata),
    bodyLengthAt: PREFIX_BYTES + fieldAt(buffer, message, 3),
    lengthAt: PREFIX_BYTES + fieldAt(buffer, batch, 0),
    nodesAt: PREFIX_BYTES + buffer.__vector(fieldAt(buffer, batch, 1)),
    buffersAt: PREFIX_BYTES + buffer.__vector(fieldAt(buffer, batch, 2)),
  };
}

function fieldAt(buffer: ByteBuffer, table: number, field: number): number {
  return table + buffer.__offset(table, 4 + 2 * field);
}

function indirect(buffer: ByteBuffer, table: number, field: number): number {
  return buffer.__indirect(fieldAt(buffer, table, field));
}

function recordBatch(builder: Builder, nodes: number, buffers: number): Offset {
  const pairs = (count: number) => {
    builder.startVector(16, count, 8);
    for (let index = 0; index < count * 2; index++) builder.addInt64(0n);
    return builder.endVector();
  };
  const buffersAt = pairs(buffers);
  const nodesAt = pairs(nodes);
  builder.startObject(5);
  builder.addFieldInt64(0, 0n, 0n);
  builder.addFieldOffset(1, nodesAt, 0);
  builder.addFieldOffset(2, buffersAt, 0);
  return builder.endObject();
}

function schema(builder: Builder, columns: readonly SchemaColumn[]): Offset {
  const fields = offsets(
    builder,
    columns.map((column) => columnField(builder, column)),
  );
  builder.startObject(4);
  builder.addFieldInt16(0, LITTLE_ENDIAN, 0);
  builder.addFieldOffset(1, fields, 0);
  return builder.endObject();
}

function columnField(builder: Builder, { kind, name, dictionary }: SchemaColumn): Offset {
  switch (kind) {
    case 'source':
      return field(builder, { name, type: Type.utf8, dictionary });
    case 'offset':
      return field(builder, { name, type: Type.int, at: int(builder, 64, true) });
    case 'length':
      return field(builder, { name, type: Type.int, at: int(builder, 32, false) });
    case 'time':
      return field(builder, { name, type: Type.timestamp, at: timestamp(builder), nullable: true });
    case 'text':
      return field(builder, { name, type: Type.utf8, dictionary, nullable: true });
    case 'attachments': {
      const messages = field(builder, { name: 'item', type: Type.int, at: int(builder, 64, false) });
      const children = [
        field(builder, { name: 'name', type: Type.utf8 }),
        field(builder, { name: 'size', type: Type.int, at: int(builder, 64, false) }),
        field(builder, { name: 'created', type: Type.utf8, nullable: true }),
        field(builder, { name: 'modified', type: Type.utf8, nullable: true }),
        field(builder, { name: 'messages', type: Type.list, children: [messages] }),
        field(builder, { name: 'data', type: Type.binary }),
      ];
      const item = field(builder, { name: 'item', type: Type.struct, children });
      return field(builder, { name, type: Type.list, children: [item] });
    }
  }
}

interface FieldParts {
  readonly name: string;
  readonly type: number;
  /** What the type has more to say. */
  readonly at?: Offset;
  readonly nullable?: boolean;
  readonly children?: readonly Offset[];
  readonly dictionary?: number | undefined;
}

function field(builder: Builder, { name, type, at, nullable = false, children = [], dictionary }: FieldParts): Offset {
  const nameAt = builder.createString(name);
  const childrenAt = offsets(builder, children);
  const typeAt = at ?? emptyTable(builder);
  const dictionaryAt = dictionary === undefined ? 0 : dictionaryEncoding(builder, dictionary);
  builder.startObject(7);
  builder.addFieldOffset(0, nameAt, 0);
  builder.addFieldInt8(1, nullable ? 1 : 0, 0);
  builder.addFieldInt8(2, type, 0);
  builder.addFieldOffset(3, typeAt, 0);
  builder.addFieldOffset(4, dictionaryAt, 0);
  builder.addFieldOffset(5, childrenAt, 0);
  return builder.endObject();
}

function dictionaryEncoding(builder: Builder, id: number): Offset {
  const indexes = int(builder, 32, true);
  builder.startObject(4);
  builder.addFieldInt64(0, BigInt(id), 0n);
  builder.addFieldOffset(1, indexes, 0);
  return builder.endObject();
}

function int(builder: Builder, bits: number, isSigned: boolean): Offset {
  builder.startObject(2);
  builder.addFieldInt32(0, bits, 0);
  builder.addFieldInt8(1, isSigned ? 1 : 0, 0);
  return builder.endObject();
}

/** Without a time zone: readers that have one keep no nanoseconds. */
function timestamp(builder: Builder): Offset {
  builder.startObject(2);
  builder.addFieldInt16(0, NANOSECOND, 0);
  return builder.endObject();
}

function emptyTable(builder: Builder): Offset {
  builder.startObject(0);
  return builder.endObject();
}

function offsets(builder: Builder, values: readonly Offset[]): Offset {
  builder.startVector(4, values.length, 4);
  for (const value of [...values].reverse()) builder.addOffset(value);
  return builder.endVector();
}
