/** Arrow output of real files, read by pyarrow and DuckDB: both have the same rows as the items. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
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
  await writeFile(target, Buffer.concat(pieces));

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
  return [rows, sum.digest('hex')];
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

describe.skipIf(!hasTools)('pyarrow and DuckDB (need `pip install pyarrow duckdb`)', () => {
  test('read lines that are generated: long, empty, of any text, and those that repeat', async () => {
    const lines = Array.from({ length: 30_000 }, (_, row) =>
      row === 7
        ? 'ä"\\'.repeat(2 ** 19)
        : row % 10 === 0
          ? ''
          : `line ${row % 100} größe 東京 🐿️ ${'x'.repeat(row % 90)}`,
    );
    const path = join(folder, 'generated.log');
    await writeFile(path, `${lines.join('\n')}\n`);
    await expectSame([path]);
  });

  test.skipIf(!existsSync(DATA))('read the files of the field (needs ../shared/data beside the checkout)', async () => {
    const paths = ['dlt', 'text'].flatMap((kind) =>
      readdirSync(join(DATA, kind)).map((name) => join(DATA, kind, name)),
    );
    expect(paths.length).toBeGreaterThan(15);
    await expectSame(paths);
  });
});

async function expectSame(paths: readonly string[]): Promise<void> {
  const args: string[] = [];
  const expected: object[] = [];
  for (const path of paths)
    for (const format of FORMATS) {
      const target = join(folder, `${basename(path)}.${format}`);
      const digest = await written(path, format, target);
      args.push(`${format}=${target}`);
      expected.push({ file: basename(path), format, pyarrow: digest, duckdb: digest });
    }
  const { stdout, stderr, status } = spawnSync('python3', [DIGESTS, ...args], { encoding: 'utf8' });
  expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
  const read = stdout.trim().split('\n');
  const found = read.map((line, index) => {
    const { file, format } = expected[index] as { file: string; format: string };
    return { file, format, ...(JSON.parse(line) as object) };
  });
  expect(found).toEqual(expected);
}
