/**
 * The two ways out of a plugin, in one thread: from input in memory to msgpack in shared memory. Ours calls `parse` on the
 * core export and lifts with wasm; the other goes through jco's bindings to objects, packs them with msgpackr and copies.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Batch, EntryKind, type Item, resolveConfig } from '@chipmunk-host/hosts';
import { loadParserAdapter, type ParserAdapter } from '@chipmunk-host/hosts/internal/worker';
import type { CompiledComponent } from '@chipmunk-host/runtime';
import { createRingMemory, ringBuffer } from '@chipmunk-host/runtime/internal';
import { ComponentInstance, LiftBounds } from '@chipmunk-host/runtime/internal/worker';
import { WasiHost } from '@chipmunk-host/runtime/internal/worker/wasi';
import { Packr, Unpackr } from 'msgpackr';

const WINDOW_BYTES = 1024 * 1024;
const SLOT = { slots: 2, slotBytes: 2 * 1024 * 1024 };
/** Somewhere in the ring's memory, 8-aligned; no ring is run here. */
const SLOT_OFFSET = 4096;

/** Values of boolean configuration items. */
export type Flags = Readonly<Record<string, boolean>>;

/** A batch in shared memory: valid until the next one is made. */
export interface LiftedBatch {
  readonly bytes: Uint8Array;
  readonly items: number;
}

export class OurLift {
  readonly #room: ParserAdapter;
  readonly #memory: SharedArrayBuffer;

  private constructor(room: ParserAdapter, memory: SharedArrayBuffer) {
    this.#room = room;
    this.#memory = memory;
  }

  static async open(component: CompiledComponent, flags: Flags): Promise<OurLift> {
    const ring = createRingMemory(SLOT);
    const usesWasi = component.imports.some((name) => name.startsWith('wasi:'));
    const temp = usesWasi ? temporaryDirectory() : '';
    const sinks = { onOutput: () => {}, onOutputDropped: () => {} };
    const grants = { temporaryDirectory: { guestPath: temp, hostPath: temp } };
    const wasi = usesWasi ? new WasiHost(grants, {}, sinks) : undefined;
    const context = { log: () => {}, tempDirectory: () => temp, lastLines: () => [], wasi };
    const make = await loadParserAdapter('0.1.0', component);
    const room = make(ring, context, { outputBytes: Infinity, splitColumns: true, deadlineMs: Infinity });
    room.init(resolveConfig(room.info().configSchemas, flags), 'error');
    return new OurLift(room, ringBuffer(ring));
  }

  /** Lifts all of `input`; returns how many items it made. */
  run(input: Buffer): number {
    let items = 0;
    for (const batch of this.batches(input)) items += batch.items;
    return items;
  }

  /** Everything in the items, one text each, to hold them against the other side's. */
  *descriptions(input: Buffer): Generator<string> {
    for (const { bytes } of this.batches(input)) for (const item of Batch.from(bytes)) yield describeItem(item);
  }

  /** Where each call's slice begins. */
  sliceStarts(input: Buffer): number[] {
    const starts = new Set<number>();
    for (const { sliceStart } of this.batches(input)) starts.add(sliceStart);
    return [...starts];
  }

  /** The plugin alone: the same calls, with nobody looking at what they return. Returns how many items that were. */
  parseAlone(input: Buffer, sliceStarts: readonly number[]): number {
    const room = this.#room;
    let items = 0;
    for (const start of sliceStarts) {
      const length = Math.min(WINDOW_BYTES, input.length - start);
      room.prepare(length).set(input.subarray(start, start + length));
      const outcome = room.parse(length);
      if (outcome.kind === 'items') items += outcome.count;
      room.release();
    }
    return items;
  }

  *batches(input: Buffer): Generator<LiftedBatch & { readonly sliceStart: number }> {
    const room = this.#room;
    for (let offset = 0; offset < input.length; ) {
      const sliceStart = offset;
      const length = Math.min(WINDOW_BYTES, input.length - offset);
      room.prepare(length).set(input.subarray(offset, offset + length));
      const outcome = room.parse(length);
      if (outcome.kind !== 'items') throw new Error(`parse came to '${outcome.kind}'`);
      for (;;) {
        const frame = room.next(SLOT_OFFSET, SLOT.slotBytes, offset);
        if (frame === undefined) break;
        if (frame.kind !== 'placed') throw new Error('a batch did not fit its slot');
        offset += frame.bytes;
        const bytes = new Uint8Array(this.#memory, SLOT_OFFSET, frame.byteLength);
        yield { bytes, items: frame.items, sliceStart };
      }
      room.release();
    }
  }
}

/** Gone when the process ends. */
function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), 'chipmunk-host-bench-'));
  process.once('exit', () => rmSync(path, { recursive: true, force: true }));
  return path;
}

interface BindingsAttachment {
  readonly name: string;
  readonly size: bigint;
  readonly messages: Iterable<bigint>;
  readonly data: Uint8Array;
}

type BindingsYield =
  | { readonly tag: 'message'; readonly val: { readonly tag: 'line' | 'columns'; readonly val: string | string[] } }
  | { readonly tag: 'attachment'; readonly val: BindingsAttachment };

interface Bindings {
  init(general: { logLevel: string }, config: readonly unknown[]): void;
  parse(data: Uint8Array, timestamp: bigint | undefined): readonly { value?: BindingsYield; consumed: bigint }[];
}

/** As msgpackr packs it: consumed bytes, and a line, columns or an attachment. */
export type Row = readonly [consumed: number, value: string | readonly string[] | BindingsAttachment];

export class BindingsLift {
  readonly #bindings: Bindings;
  readonly #slot = new Uint8Array(new SharedArrayBuffer(SLOT.slotBytes * 4));
  readonly #packr = new Packr({ useRecords: false });

  private constructor(bindings: Bindings) {
    this.#bindings = bindings;
  }

  static async open(component: CompiledComponent, flags: Flags): Promise<BindingsLift> {
    const instance = ComponentInstance.create(component, {
      imports: {
        'chipmunk:shared/logging': { log: () => {} },
        'chipmunk:shared/sandbox': { tempDirectory: () => '' },
      },
      replaceCoreImport: () => undefined,
      bounds: new LiftBounds({ call: 'parse', textBytes: Infinity, elements: Infinity, listBytes: Infinity }),
    });
    const bindings = instance.exports['chipmunk:parser/parser@0.1.0'] as Bindings;
    const config = Object.entries(flags).map(([id, val]) => ({ id, value: { tag: 'boolean', val } }));
    bindings.init({ logLevel: 'error' }, config);
    return new BindingsLift(bindings);
  }

  run(input: Buffer): number {
    let items = 0;
    for (const batch of this.batches(input)) items += batch.items;
    return items;
  }

  *descriptions(input: Buffer): Generator<string> {
    const unpackr = new Unpackr({ useRecords: false });
    for (const { bytes } of this.batches(input))
      for (const row of unpackr.unpack(Uint8Array.from(bytes)) as Row[]) yield describeRow(row);
  }

  *batches(input: Buffer): Generator<LiftedBatch> {
    for (let offset = 0; offset < input.length; ) {
      const returned = this.#bindings.parse(input.subarray(offset, offset + WINDOW_BYTES), undefined);
      const rows: Row[] = [];
      for (const { value, consumed } of returned) {
        offset += Number(consumed);
        if (value !== undefined)
          rows.push([Number(consumed), value.tag === 'message' ? value.val.val : packable(value.val)]);
      }
      const packed = this.#packr.pack(rows);
      this.#slot.set(packed);
      yield { bytes: this.#slot.subarray(0, packed.length), items: rows.length };
    }
  }
}

/** msgpackr does not take a `BigUint64Array`. */
function packable(attachment: BindingsAttachment): BindingsAttachment {
  return { ...attachment, messages: [...attachment.messages] };
}

function describeItem({ kind, length, columns, attachment }: Item): string {
  if (kind === EntryKind.attachment && attachment !== undefined)
    return describeAttachment(length, attachment.name, attachment.size, attachment.data);
  return `${length} ${columns.join('\u0004')}`;
}

function describeRow([consumed, value]: Row): string {
  if (typeof value === 'string') return `${consumed} ${value}`;
  if ('data' in value) return describeAttachment(consumed, value.name, value.size, value.data);
  return `${consumed} ${value.join('\u0004')}`;
}

function describeAttachment(consumed: number, name: string, size: number | bigint, data: Uint8Array): string {
  return `${consumed} ${name} ${size} ${Buffer.from(data).toString('latin1')}`;
}
