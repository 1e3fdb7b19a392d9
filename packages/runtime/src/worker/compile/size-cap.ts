/**
 * Bounds what a plugin's memories and tables can grow to, by lowering the maxima in its core modules before they are compiled:
 * `memory.grow` and `table.grow` then answer -1. V8 counts neither against a worker's heap, so nothing else would.
 *
 * The cap is on all instances of one component together: each memory may grow by an equal share of what the initial sizes of
 * all leave of it. A plugin has one memory (adapters import that one), which so gets all of it.
 */
import type { ComponentCaps } from '../../shared/component/component-limits.js';
import { PluginMemoryError } from '../../shared/errors.js';
import { ByteCursor } from '../component/byte-cursor.js';
import { ANY_FEATURE } from '../component/core-features.js';
import {
  CoreSection,
  MODULE_HEADER_BYTES,
  readSize,
  readTableElement,
  type SizeRange,
} from '../component/core-module.js';
import type { Footprint } from '../component/footprint.js';

const PAGE_BYTES = 65_536;
/** What the format allows at most: 4 GiB in pages, and a table's index. */
const MAX_PAGES = 65_536;
const MAX_ELEMENTS = 0xffff_ffff;
const HAS_MAXIMUM = 0x01;

/** By how much each memory (in pages) and each table (in elements) may grow; undefined: as far as the format goes. */
export interface GrowthAllowance {
  readonly memoryPages: number | undefined;
  readonly tableElements: number | undefined;
}

/** @throws PluginMemoryError when the initial sizes alone are over a cap. */
export function growthAllowance(footprint: Footprint, caps: ComponentCaps): GrowthAllowance {
  const { memories, memoryPages, tables, tableElements } = footprint;
  const pages = Math.floor(caps.memoryBytes / PAGE_BYTES);
  if (memoryPages > pages)
    throw tooLarge(`${memoryPages * PAGE_BYTES} bytes of memory`, caps.memoryBytes, 'memoryBytes');
  if (tableElements > caps.tableElements)
    throw tooLarge(`${tableElements} elements in tables`, caps.tableElements, 'tableElements');
  return {
    memoryPages: share(pages - memoryPages, memories),
    tableElements: share(caps.tableElements - tableElements, tables),
  };
}

function share(left: number, count: number): number | undefined {
  return Number.isFinite(left) ? Math.floor(left / Math.max(count, 1)) : undefined;
}

function tooLarge(found: string, cap: number, option: string): PluginMemoryError {
  return new PluginMemoryError(`The plugin starts with ${found}; at most ${cap} are allowed.`, {
    phase: 'load',
    help: `Raise ${option} if the plugin is meant to be that large.`,
  });
}

/**
 * A core module whose memories and tables grow no further than allowed. Only the sections that declare them are written anew; a
 * module that needs no change is returned as it is.
 */
export function capSizes(module: Uint8Array, allowance: GrowthAllowance): Uint8Array {
  const parts: Uint8Array[] = [];
  let copied = 0;
  const cursor = new ByteCursor(module, MODULE_HEADER_BYTES);
  while (!cursor.done) {
    const start = cursor.position;
    const id = cursor.byte();
    const section = cursor.part(cursor.u32());
    const growth =
      id === CoreSection.memory
        ? allowance.memoryPages
        : id === CoreSection.table
          ? allowance.tableElements
          : undefined;
    if (growth === undefined) continue;
    const body = id === CoreSection.memory ? capMemories(section, growth) : capTables(section, growth);
    parts.push(module.subarray(copied, start), Uint8Array.of(id, ...leb128(body.length)), Uint8Array.from(body));
    copied = cursor.position;
  }
  if (parts.length === 0) return module;
  parts.push(module.subarray(copied));
  const capped = Buffer.concat(parts);
  return capped.equals(module) ? module : capped;
}

function capMemories(section: ByteCursor, growth: number): number[] {
  const count = section.u32();
  const body = leb128(count);
  for (let left = count; left > 0; left--) body.push(...capped(readSize(section, 'memory'), growth, MAX_PAGES));
  return body;
}

function capTables(section: ByteCursor, growth: number): number[] {
  const count = section.u32();
  const body = leb128(count);
  for (let left = count; left > 0; left--) {
    const start = section.position;
    readTableElement(section, ANY_FEATURE);
    body.push(
      ...section.bytes.subarray(start, section.position),
      ...capped(readSize(section, 'table'), growth, MAX_ELEMENTS),
    );
  }
  return body;
}

function capped({ initial, maximum = Number.POSITIVE_INFINITY }: SizeRange, growth: number, most: number): number[] {
  return [HAS_MAXIMUM, ...leb128(initial), ...leb128(Math.min(maximum, initial + growth, most))];
}

/** An unsigned LEB128 in as few bytes as it takes. */
function leb128(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  do {
    const low = left % 128;
    left = (left - low) / 128;
    bytes.push(left > 0 ? low | 0x80 : low);
  } while (left > 0);
  return bytes;
}
