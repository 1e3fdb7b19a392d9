/** Times and kinds of files, as wasi:filesystem/types has them. */
import type { BigIntStats } from 'node:fs';
import type { ClockSource } from '../clocks/clock-source.js';
import { writeDatetime } from '../clocks/clocks.js';
import type { GuestMemory } from '../guest-memory.js';
import { Refusal } from './refusal.js';

/** Cases of `descriptor-type`. */
export const DescriptorType = {
  unknown: 0,
  blockDevice: 1,
  characterDevice: 2,
  directory: 3,
  fifo: 4,
  symbolicLink: 5,
  regularFile: 6,
  socket: 7,
} as const;

/** Cases of `new-timestamp`, with its payload flattened. */
const NewTimestamp = { noChange: 0, now: 1, timestamp: 2 } as const;
export type NewTime = readonly [kind: number, seconds: bigint, nanoseconds: number];

export const STAT_BYTES = 96;
const DATETIME_OPTION_BYTES = 24;

export function descriptorType(entry: {
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
  isFIFO(): boolean;
  isSocket(): boolean;
  isBlockDevice(): boolean;
  isCharacterDevice(): boolean;
}): number {
  if (entry.isFile()) return DescriptorType.regularFile;
  if (entry.isDirectory()) return DescriptorType.directory;
  if (entry.isSymbolicLink()) return DescriptorType.symbolicLink;
  if (entry.isFIFO()) return DescriptorType.fifo;
  if (entry.isSocket()) return DescriptorType.socket;
  if (entry.isBlockDevice()) return DescriptorType.blockDevice;
  return entry.isCharacterDevice() ? DescriptorType.characterDevice : DescriptorType.unknown;
}

/** The record `descriptor-stat`. */
export function writeStat(memory: GuestMemory, area: number, stat: BigIntStats): void {
  memory.setU8(area, descriptorType(stat));
  memory.setU64(area + 8, stat.nlink);
  memory.setU64(area + 16, stat.size);
  for (const [i, time] of [stat.atimeNs, stat.mtimeNs, stat.ctimeNs].entries()) {
    const option = area + 24 + i * DATETIME_OPTION_BYTES;
    memory.setU8(option, 1);
    writeDatetime(memory, option + 8, time);
  }
}

/**
 * Access and modification time to set, in seconds: Node makes a double of them, so the last hundreds of nanoseconds are lost. As
 * texts, since Node takes a negative number, a time before 1970, for the present.
 */
export function newTimes(
  clock: ClockSource,
  stat: BigIntStats,
  accessed: NewTime,
  modified: NewTime,
): [string, string] {
  return [String(newSeconds(clock, stat.atimeNs, accessed)), String(newSeconds(clock, stat.mtimeNs, modified))];
}

function newSeconds(clock: ClockSource, currentNs: bigint, [kind, seconds, nanoseconds]: NewTime): number {
  if (kind === NewTimestamp.noChange) return Number(currentNs) / 1e9;
  if (kind === NewTimestamp.now) return Number(clock.wallNs()) / 1e9;
  if (kind !== NewTimestamp.timestamp) throw new Refusal('invalid');
  const whole = BigInt.asUintN(64, seconds);
  // What a JavaScript Date can say: 100,000,000 days from 1970.
  if (whole > 8_640_000_000_000n || nanoseconds >>> 0 >= 1_000_000_000) throw new Refusal('invalid');
  return Number(whole) + (nanoseconds >>> 0) / 1e9;
}
