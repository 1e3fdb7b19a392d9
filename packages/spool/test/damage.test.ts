/** Spools with damaged bytes: what is lost is named, the rest can be read, and nothing is wrong. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DamagedStretch, Spool, SpoolError, type SpoolOptions, SpoolReader } from '#index.js';
import { decompressor } from '#zstd.js';
import { gapOf, numberedBatches } from './batches.js';
import { type Files, filesOf, memoryStore } from './memory-store.js';

const SEED = Number(process.env.SPOOL_DAMAGE_SEED ?? 1);
/** `npm run long -- spool-damage` does more. */
const MUTATIONS = Number(process.env.SPOOL_DAMAGE ?? 600);

interface Appended {
  readonly bytes: Uint8Array;
  readonly row: number;
  readonly rows: number;
}

let root = '';
const appended: Appended[] = [];
const forms: { readonly name: string; readonly files: Files }[] = [];

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'spool-damage-'));
  const batches = numberedBatches(
    Array.from({ length: 90 }, (_, at) => 1 + ((at * 53) % 120)),
    true,
  );
  let row = 0;
  for (const [at, bytes] of batches.entries()) {
    const rows = 1 + ((at * 53) % 120);
    appended.push({ bytes, row, rows });
    row += rows;
    if (at % 9 === 4) appended.push({ bytes: gapOf(1_000_000 + at, 5), row, rows: 0 });
  }
  const compression = decompressor === undefined ? [] : (['zstd'] as const);
  for (const form of ['none', ...compression] as const)
    forms.push({ name: form, files: await spoolOf({ compression: form }) });
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function spoolOf(options: SpoolOptions): Promise<Files> {
  const directory = join(root, String(options.compression));
  const writer = await Spool.create(directory, { segmentBytes: 128 * 1024, ...options });
  for (const { bytes } of appended) await writer.append(bytes);
  await writer.close();
  return filesOf(directory);
}

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One damage to one file, or a missing one. */
function damaged(files: Files, random: () => number): { readonly files: Files; readonly what: string } {
  const below = (most: number) => Math.floor(random() * most);
  const names = [...files.keys()];
  const name = names[below(names.length)] ?? '';
  const bytes = new Uint8Array(files.get(name) ?? []);
  // As often in what says where things are as in what is there.
  const at = random() < 0.3 ? below(Math.min(bytes.length, 400)) : below(bytes.length);
  const kind = below(6);
  const changed = new Map(files);
  changed.set(name, bytes);
  if (kind === 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << below(8));
  else if (kind === 1) bytes[at] = below(256);
  else if (kind === 2) bytes.fill(0, at, at + 1 + below(300));
  else if (kind === 3) bytes.copyWithin(at, below(bytes.length), below(bytes.length));
  else if (kind === 4) changed.set(name, bytes.subarray(0, at));
  else if (kind === 5) changed.delete(name);
  return { files: changed, what: `${['bit', 'byte', 'zeros', 'copy', 'cut', 'missing'][kind]} at ${at} of ${name}` };
}

async function check(files: Files, what: string, random: () => number): Promise<'whole' | 'damaged' | 'unreadable'> {
  let reader: SpoolReader;
  try {
    reader = await SpoolReader.open(memoryStore(files));
  } catch (error) {
    // Only of a spool that has lost its only segment.
    expect(error, what).toBeInstanceOf(SpoolError);
    return 'unreadable';
  }
  const lost: DamagedStretch[] = [];
  const seen = new Set<number>();
  const onDamage = ({ code, damage, message }: SpoolError) => {
    expect(code, what).toBe('ERR_SPOOL_DAMAGED');
    if (damage === undefined) throw new Error(`${what}: no stretch is named`);
    expect(message).toContain(`rame${damage.endFrame - damage.firstFrame > 1 ? 's' : ''} ${damage.firstFrame}`);
    lost.push(damage);
  };
  for await (const frame of reader.frames({ onDamage })) {
    const { bytes, row, rows } = appended[frame.number] ?? {};
    if (bytes === undefined || row !== frame.row || rows !== frame.rows || Buffer.compare(frame.bytes, bytes) !== 0)
      throw new Error(`${what}: frame ${frame.number} is wrong`);
    expect(seen.has(frame.number), what).toBe(false);
    seen.add(frame.number);
  }
  // Whatever is not there is in a stretch that was named, before the first frame or behind the last one.
  for (let number = reader.firstFrame; number < reader.endFrame; number++) {
    const isLost = lost.some(({ firstFrame, endFrame }) => firstFrame <= number && number < endFrame);
    if (seen.has(number) === isLost)
      throw new Error(`${what}: frame ${number} is ${isLost ? 'lost and there' : 'missing'}`);
  }
  for (const { firstFrame, endFrame, firstRow, endRow } of lost) {
    if (firstFrame < appended.length) expect(firstRow, what).toBe(appended[firstFrame]?.row);
    const behind = appended[endFrame];
    if (behind !== undefined) expect(endRow, what).toBe(behind.row);
  }
  await checkRows(reader, lost, what, random);
  return lost.length > 0 || seen.size < appended.length ? 'damaged' : 'whole';
}

async function checkRows(reader: SpoolReader, lost: readonly DamagedStretch[], what: string, random: () => number) {
  for (let turn = 0; turn < 3; turn++) {
    const row = reader.firstRow + Math.floor(random() * (reader.endRow - reader.firstRow));
    const isLost = lost.some(({ firstRow, endRow }) => firstRow <= row && row < endRow);
    const found = await reader.rows(row).catch((error: unknown) => error);
    if (found instanceof Error) {
      expect(isLost, `${what}: row ${row}: ${found.message}`).toBe(true);
      expect(found).toMatchObject({ code: 'ERR_SPOOL_DAMAGED', help: expect.stringContaining('go on at row') });
    } else expect((found as { item: { text: string } }[])[0]?.item.text, what).toMatch(new RegExp(`^line ${row} x*$`));
  }
}

describe('a spool with damaged bytes', () => {
  test(`loses what is named, and nothing else: ${MUTATIONS} mutations with seed ${SEED}`, {
    timeout: 120_000 + MUTATIONS * 50,
  }, async () => {
    const random = randomOf(SEED);
    const outcomes = { whole: 0, damaged: 0, unreadable: 0 };
    for (let turn = 0; turn < MUTATIONS; turn++) {
      const { files } = forms[turn % forms.length] as { files: Files };
      const mutation = damaged(files, random);
      outcomes[await check(mutation.files, `${turn}: ${mutation.what}`, random)]++;
    }
    // Indexes are made anew, so that damage to them costs nothing.
    expect(outcomes.whole).toBeGreaterThan(MUTATIONS / 10);
    expect(outcomes.damaged).toBeGreaterThan(MUTATIONS / 10);
    expect(outcomes.unreadable).toBe(0);
  });

  test('whose header is damaged, and that has no index any more, is passed over as a whole', async () => {
    const { files } = forms[0] as { files: Files };
    const changed = new Map(files);
    const name = 'segment-0000000002.frames';
    const bytes = new Uint8Array(files.get(name) ?? []);
    bytes[30] = 1 ^ (bytes[30] ?? 0);
    changed.set(name, bytes);
    changed.delete(`${name}.index`);
    const reader = await SpoolReader.open(memoryStore(changed));
    const errors: string[] = [];
    for await (const _ of reader.frames({ onDamage: ({ message }) => errors.push(message) }));
    expect(errors).toEqual([
      expect.stringMatching(
        /^Frames \d+ to \d+ of the spool \(rows \d+ to \d+\) are damaged: the beginning of the file is damaged, at byte 0 of 'segment-0000000002.frames'\.$/,
      ),
    ]);
  });

  test('of a later version is refused', async () => {
    const { files } = forms[0] as { files: Files };
    const { encodeHeader } = await import('#portable/segment-header.js');
    const { crc32 } = await import('#portable/crc32.js');
    const about = { compressed: false, id: 5n, number: 1, firstFrame: 0, firstRow: 0, createdAt: 0, about: {} };
    const header = encodeHeader('segment', about);
    new DataView(header.buffer).setUint32(12, 2, true);
    new DataView(header.buffer).setUint32(8, crc32(header.subarray(12)), true);
    const changed = new Map(files);
    changed.set('segment-0000000001.frames', header);
    await expect(SpoolReader.open(memoryStore(changed))).rejects.toMatchObject({
      code: 'ERR_SPOOL_FORMAT',
      message: 'The spool is of version 2; this reader knows 1.',
    });
  });
});
