/**
 * How items leave a plugin, in one thread: from input in memory to msgpack in shared memory. Ours calls `parse` on the core
 * export and lifts with wasm; the baseline goes through jco's bindings to objects, packs them with msgpackr and copies.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Batch } from '@chipmunk-host/hosts';
import { loadParserRoom, type ParserRoom } from '@chipmunk-host/hosts/worker';
import { type CompiledComponent, compile, createRingMemory, ringBuffer } from '@chipmunk-host/runtime';
import { ComponentInstance } from '@chipmunk-host/runtime/worker';
import { Packr, Unpackr } from 'msgpackr';
import { logText } from '../log-text.js';
import type { Case, Suite } from '../suite.js';

const INPUT_BYTES = 64 * 1024 * 1024;
const WINDOW_BYTES = 1024 * 1024;
const SLOT = { slots: 2, slotBytes: 2 * 1024 * 1024 };
const PARSER = createRequire(import.meta.url).resolve('@chipmunk-host/string-parser/string-parser.wasm');

export const lift: Suite = {
  name: 'lift',
  description: 'input in memory -> parse -> msgpack in shared memory, one thread',
  async open() {
    const component = await compile(readFileSync(PARSER));
    const input = logText(INPUT_BYTES);
    const cases = [await liftCase('lines', component, input, false), await liftCase('columns', component, input, true)];
    return { cases, close: async () => {} };
  },
};

async function liftCase(name: string, component: CompiledComponent, input: Buffer, columns: boolean): Promise<Case> {
  const ours = await OurLift.open(component, columns);
  const baseline = await BindingsLift.open(component, columns);
  requireSameItems(ours.items(input), baseline.items(input), name);
  return {
    name,
    bytes: input.length,
    ours: { name: 'direct call + wasm lifter', run: () => ours.run(input) },
    baseline: { name: 'jco bindings + msgpackr', run: () => baseline.run(input) },
  };
}

/** Every item, once, before anything is measured; the measured runs are held against each other by their totals. */
function requireSameItems(
  ours: Iterable<readonly string[]>,
  baseline: Iterable<readonly string[]>,
  name: string,
): void {
  const others = baseline[Symbol.iterator]();
  let count = 0;
  for (const columns of ours) {
    const other = others.next();
    if (other.done || columns.join('\u0004') !== other.value.join('\u0004'))
      throw new Error(
        `lift ${name}: item ${count} differs: ${JSON.stringify(columns)} and ${JSON.stringify(other.value)}`,
      );
    count++;
  }
  if (others.next().done !== true) throw new Error(`lift ${name}: the baseline has more than ${count} items`);
}

class OurLift {
  readonly #room: ParserRoom;
  readonly #memory: SharedArrayBuffer;

  private constructor(room: ParserRoom, memory: SharedArrayBuffer) {
    this.#room = room;
    this.#memory = memory;
  }

  static async open(component: CompiledComponent, columns: boolean): Promise<OurLift> {
    const ring = createRingMemory(SLOT);
    const context = { log: () => {}, tempDirectory: () => '', lastLines: () => [], wasi: undefined };
    const make = await loadParserRoom('0.1.0', component);
    const room = make(ring, context, { outputBytes: 0, deadlineMs: 0 });
    room.init([{ id: 'columns', value: { kind: 'boolean', value: columns } }], 'error');
    return new OurLift(room, ringBuffer(ring));
  }

  run(input: Buffer): string {
    let items = 0;
    for (const frame of this.#frames(input)) items += frame.items;
    return `${items} items`;
  }

  *items(input: Buffer): Generator<readonly string[]> {
    for (const { byteLength } of this.#frames(input))
      for (const item of Batch.from(new Uint8Array(this.#memory, SLOT_OFFSET, byteLength))) yield item.columns;
  }

  *#frames(input: Buffer) {
    const room = this.#room;
    for (let offset = 0; offset < input.length; ) {
      const length = Math.min(WINDOW_BYTES, input.length - offset);
      room.prepare(length).set(input.subarray(offset, offset + length));
      const outcome = room.parse(length);
      if (outcome.kind !== 'items') throw new Error(`parse came to '${outcome.kind}'`);
      for (;;) {
        const frame = room.next(SLOT_OFFSET, SLOT.slotBytes, offset);
        if (frame === undefined) break;
        if (frame.kind !== 'placed') throw new Error('a batch did not fit its slot');
        offset += frame.bytes;
        yield frame;
      }
      room.release();
    }
  }
}

/** Somewhere in the ring's memory, 8-aligned; no ring is run here. */
const SLOT_OFFSET = 4096;

interface Message {
  readonly tag: 'line' | 'columns';
  readonly val: string | readonly string[];
}

interface Bindings {
  init(general: { logLevel: string }, config: readonly unknown[]): void;
  parse(
    data: Uint8Array,
    timestamp: bigint | undefined,
  ): readonly { value?: { tag: string; val: Message }; consumed: bigint }[];
}

class BindingsLift {
  readonly #bindings: Bindings;
  readonly #slot = new Uint8Array(new SharedArrayBuffer(SLOT.slotBytes * 4));
  readonly #packr = new Packr({ useRecords: false });

  private constructor(bindings: Bindings) {
    this.#bindings = bindings;
  }

  static async open(component: CompiledComponent, columns: boolean): Promise<BindingsLift> {
    const instance = await ComponentInstance.create(component, {
      imports: {
        'chipmunk:shared/logging': { log: () => {} },
        'chipmunk:shared/sandbox': { tempDirectory: () => '' },
      },
      replaceCoreImport: () => undefined,
    });
    const bindings = instance.exports['chipmunk:parser/parser@0.1.0'] as Bindings;
    bindings.init({ logLevel: 'error' }, [{ id: 'columns', value: { tag: 'boolean', val: columns } }]);
    return new BindingsLift(bindings);
  }

  run(input: Buffer): string {
    let items = 0;
    for (const { count } of this.#batches(input)) items += count;
    return `${items} items`;
  }

  *items(input: Buffer): Generator<readonly string[]> {
    const unpackr = new Unpackr({ useRecords: false });
    for (const { byteLength } of this.#batches(input)) {
      const rows = unpackr.unpack(Uint8Array.from(this.#slot.subarray(0, byteLength))) as [number, string | string[]][];
      for (const [, text] of rows) yield typeof text === 'string' ? [text] : text;
    }
  }

  *#batches(input: Buffer) {
    for (let offset = 0; offset < input.length; ) {
      const returned = this.#bindings.parse(input.subarray(offset, offset + WINDOW_BYTES), undefined);
      const rows: [number, string | readonly string[]][] = [];
      for (const { value, consumed } of returned) {
        offset += Number(consumed);
        if (value !== undefined) rows.push([Number(consumed), value.val.val]);
      }
      const packed = this.#packr.pack(rows);
      this.#slot.set(packed);
      yield { byteLength: packed.length, count: rows.length };
    }
  }
}
