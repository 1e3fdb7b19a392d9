/** Arrow output of real files, read by apache-arrow, pyarrow and DuckDB: all have the same rows as the items. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DataType, tableFromIPC, type Vector } from 'apache-arrow';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  type ArrowFormat,
  COLUMN_SEPARATOR,
  EntryKind,
  type IngestRequest,
  type Item,
  PluginsManager,
} from '../dist/index.js';

const DATA = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));
const DIGESTS = fileURLToPath(new URL('arrow_digests.py', import.meta.url));
const FORMATS: readonly ArrowFormat[] = ['arrow', 'arrow-file'];

/** Both are in one process: loading them takes longest. */
const hasTools = spawnSync('python3', ['-c', 'import pyarrow, duckdb']).status === 0;

type Digest = readonly [rows: number, sha256: string];

let manager: PluginsManager;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'arrow-tools-test-'));
  manager = await PluginsManager.open({ directory: folder, load: 'lazy' });
});
afterAll(async () => {
  await manager.close();
  await rm(folder, { recursive: true, force: true });
});

function requestOf(path: string): IngestRequest {
  const isDlt = /\.(?:dlt|bin)$/.test(path);
  const parser = isDlt ? { plugin: 'dlt-parser' } : { plugin: 'string-parser', config: { lossy: true } };
  return { source: { file: path }, parser };
}

/** Writes a file in the form, and says what the rows of its items are. */
async function written(path: string, format: ArrowFormat, target: string): Promise<Digest> {
  const session = await manager.ingest(requestOf(path));
  const pieces: Uint8Array[] = [];
  for await (const element of session.encoded(format, { source: basename(path) }))
    if (element.type === 'encoded') pieces.push(Uint8Array.from(element.bytes));
  const output = Buffer.concat(pieces);
  await writeFile(target, output);

  const items = await manager.ingest(requestOf(path));
  const names = items.info.renderOptions.columns?.columns.map(({ caption }) => caption) ?? ['text'];
  const givesTimes = path.endsWith('.dlt') || path.endsWith('.bin');
  const sum = createHash('sha256');
  let rows = 0;
  for await (const batch of items.batches())
    for (const item of batch) {
      sum.update(`${rowOf(item, basename(path), names.length, givesTimes)}\n`);
      rows++;
    }
  const digest: Digest = [rows, sum.digest('hex')];
  expect({ path, format, read: byApacheArrow(output) }).toEqual({ path, format, read: digest });
  return digest;
}

function byApacheArrow(output: Uint8Array): Digest {
  const sum = createHash('sha256');
  let rows = 0;
  for (const batch of tableFromIPC(Uint8Array.from(output)).batches) {
    const columns = batch.schema.fields.map((_, column) => batch.getChildAt(column));
    for (let row = 0; row < batch.numRows; row++, rows++)
      sum.update(`[${columns.map((column) => jsonOf(column, row)).join(',')}]\n`);
  }
  return [rows, sum.digest('hex')];
}

function jsonOf(column: Vector | null, row: number): string {
  const value: unknown = column?.get(row);
  // The library makes milliseconds of times.
  if (value !== null && DataType.isTimestamp(column?.type)) return String(column?.data[0]?.values[row]);
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member === 'bigint') return Number(member);
    if (member instanceof Uint8Array) return Buffer.from(member).toString('hex');
    if (member instanceof BigUint64Array) return [...member];
    return member !== null && typeof member === 'object' && !Array.isArray(member) ? Object.values(member) : member;
  });
}

/** As JSON. */
function rowOf(item: Item, source: string, columns: number, hasTime: boolean): string {
  const { offset, length, time, attachment } = item;
  const strings = item.kind === EntryKind.attachment ? [] : item.columns;
  const texts = Array.from({ length: columns }, (_, column) => {
    const own = column === columns - 1 ? strings.slice(column) : strings.slice(column, column + 1);
    return own.length === 0 ? null : own.join(COLUMN_SEPARATOR);
  });
  const files =
    attachment === undefined
      ? []
      : [
          [
            attachment.name,
            Number(attachment.size),
            attachment.created ?? null,
            attachment.modified ?? null,
            [...attachment.messages].map(Number),
            Buffer.from(attachment.data).toString('hex'),
          ],
        ];
  const texted = texts.map(asPython);
  const when = hasTime ? [time === undefined ? 'null' : String(time)] : [];
  return `[${[asPython(source), offset, length, ...when, ...texted, JSON.stringify(files)].join(',')}]`;
}

/** Python's `json` leaves U+007F and all above as it is, as `JSON.stringify` does. */
function asPython(text: string | null): string {
  return JSON.stringify(text);
}

/** What was written, and what its rows are. */
const outputs: {
  readonly file: string;
  readonly format: ArrowFormat;
  readonly target: string;
  readonly digest: Digest;
}[] = [];

async function write(paths: readonly string[]): Promise<void> {
  for (const path of paths)
    for (const format of FORMATS) {
      const file = basename(path);
      const target = join(folder, `${file}.${format}`);
      const digest = await written(path, format, target);
      outputs.push({ file, format, target, digest });
    }
}

test('apache-arrow reads lines that are generated: long, empty, of any text, and those that repeat', async () => {
  const lines = Array.from({ length: 30_000 }, (_, row) =>
    row === 7 ? 'ä"\\'.repeat(2 ** 19) : row % 10 === 0 ? '' : `line ${row % 100} größe 東京 🐿️ ${'x'.repeat(row % 90)}`,
  );
  const path = join(folder, 'generated.log');
  await writeFile(path, `${lines.join('\n')}\n`);
  await write([path]);
});

test.skipIf(!existsSync(DATA))(
  'apache-arrow reads files of the field (needs ../shared/data beside the checkout)',
  async () => {
    const paths = ['dlt', 'text'].flatMap((kind) =>
      readdirSync(join(DATA, kind)).map((name) => join(DATA, kind, name)),
    );
    expect(paths.length).toBeGreaterThan(15);
    await write(paths);
  },
);

test.skipIf(!hasTools)('pyarrow and DuckDB read the same (need `pip install pyarrow duckdb`)', () => {
  const args = outputs.map(({ format, target }) => `${format}=${target}`);
  const { stdout, stderr, status } = spawnSync('python3', [DIGESTS, ...args], { encoding: 'utf8' });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  const read = stdout.trim().split('\n');
  expect(read.map((line, at) => ({ ...outputs[at], ...(JSON.parse(line) as object) }))).toEqual(
    outputs.map((output) => ({ ...output, pyarrow: output.digest, duckdb: output.digest })),
  );
});
