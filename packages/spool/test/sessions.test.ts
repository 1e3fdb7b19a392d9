/** A spool of a session has what the session delivers: elements, rows, offsets, records and attachments, for inputs of all kinds. */
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type IngestRequest, type Item, type ItemJson, PluginsManager, readElement } from '@chipmunk-host/manager';
import { buildFragile, buildJoiner, buildPicky } from '@chipmunk-host/test-plugins';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Spool, spoolSession } from '#index.js';
import { decompressor } from '#zstd.js';

const DATA = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));

let root = '';
let manager: PluginsManager;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'spool-sessions-'));
  manager = await PluginsManager.open({ directory: root, createDirectory: true });
});
afterAll(async () => {
  await manager?.close();
  await rm(root, { recursive: true, force: true });
});

let spools = 0;

/** Appends a session, and compares what the spool has with what the session delivered. @returns what was found, to be looked at */
async function compared(request: IngestRequest, what: string) {
  const session = await manager.ingest(request);
  const elements: Buffer[] = [];
  const items: ItemJson[] = [];
  const kept: object[] = [];
  const watched = {
    info: session.info,
    get summary() {
      return session.summary;
    },
    close: () => session.close(),
    async *[Symbol.asyncIterator]() {
      for await (const element of session) {
        elements.push(Buffer.from(element.bytes));
        if (element.type === 'batch')
          for (const item of element) {
            items.push(item.toJSON());
            kept.push(detailsOf(item));
          }
        yield element;
      }
    },
  };
  const directory = join(root, `spool-${spools++}`);
  const compression = decompressor !== undefined && spools % 2 === 0 ? 'zstd' : 'none';
  const summary = await spoolSession(watched, directory, { segmentBytes: 256 * 1024, compression });
  expect(summary.items, what).toBe(items.length);
  await using reader = await Spool.open(directory);
  const frames: Buffer[] = [];
  for await (const frame of reader.frames()) frames.push(Buffer.from(frame.bytes));
  expect(frames.length, what).toBe(elements.length);
  for (const [at, bytes] of frames.entries())
    expect(bytes.equals(elements[at] as Buffer), `${what}: element ${at}`).toBe(true);
  const rows = await reader.rows(0, items.length + 1);
  expect(rows.length, what).toBe(items.length);
  for (const { row, item } of rows) {
    expect(item.toJSON(), `${what}: row ${row}`).toEqual(items[row]);
    expect(detailsOf(item), `${what}: row ${row}`).toEqual(kept[row]);
  }
  // Where any byte is: at the beginning, in the middle and at the end of some items.
  for (let row = 0; row < items.length; row += 1 + Math.floor(items.length / 20)) {
    const { offset, length } = items[row] as ItemJson;
    if (length === 0) continue;
    expect(await reader.atOffset(offset), `${what}: offset ${offset}`).toBe(row);
    expect(await reader.atOffset(offset + length - 1), what).toBe(row);
  }
  return { summary, items, records: frames.map((bytes) => readElement(bytes)).filter(({ type }) => type !== 'batch') };
}

describe('a spool equals the session', () => {
  test.skipIf(!existsSync(DATA)).each(['dlt', 'text', 'pcap', 'protobuf'])(
    'on the files of %s (needs ../shared/data beside the checkout)',
    async (kind) => {
      const plugins = kind === 'dlt' ? ['dlt-parser'] : ['string-parser', 'json-lines'];
      let attachments = 0;
      for (const name of readdirSync(join(DATA, kind)))
        for (const plugin of plugins) {
          const request = {
            source: { file: join(DATA, kind, name) },
            parser: { plugin },
            recovery: { maxGapsInRow: Infinity },
          };
          const { items } = await compared(request, `${plugin} ${name}`);
          attachments += items.filter(({ attachment }) => attachment !== undefined).length;
        }
      if (kind === 'dlt') expect(attachments).toBeGreaterThan(0);
    },
  );

  test('with gaps and restarts', async () => {
    const plugin = join(root, 'fragile.wasm');
    await writeFile(plugin, await buildFragile());
    const text = Array.from({ length: 3000 }, (_, at) => (at % 700 === 300 ? `BAD ${at}` : `line ${at}`)).join('\n');
    const source = { stream: [Buffer.from(`${text}\n`)], name: 'lines' };
    const { records, summary } = await compared({ source, parser: { plugin } }, 'fragile');
    expect(summary.gaps).toBeGreaterThan(2);
    expect(records.map(({ type }) => type)).toContain('gap');
  });

  test.each([
    ['joiner', buildJoiner],
    ['picky', buildPicky],
  ])('of the plugin %s', async (name, build) => {
    const plugin = join(root, `${name}.wasm`);
    await writeFile(plugin, await build());
    const text = Array.from({ length: 2000 }, (_, at) => `${at}\u0004b ${at}\u0004ä`).join('\n');
    await compared({ source: { stream: [Buffer.from(`${text}\n`)] }, parser: { plugin } }, basename(plugin));
  });

  test('with a selection, whose items are the rows', async () => {
    const text = Array.from({ length: 9000 }, (_, at) => `${at % 10 === 3 ? 'timeout' : 'fine'} ${at}`).join('\n');
    const source = { stream: [Buffer.from(text)] };
    const parser = { plugin: 'string-parser' };
    const { items, summary } = await compared(
      { source, parser, select: { match: 'timeout', skip: 5, limit: 200 } },
      'selection',
    );
    expect(items).toHaveLength(200);
    expect(summary.filteredItems).toBeGreaterThan(1000);
  });

  test('of several inputs, which get numbers of their own', async () => {
    const directory = join(root, 'several');
    const writer = await Spool.create(directory);
    for (const name of ['a', 'b']) {
      const source = { stream: [Buffer.from(`${name} 1\n${name} 2\n`)], name };
      await spoolSession(await manager.ingest({ source, parser: { plugin: 'string-parser' } }), writer);
    }
    await writer.close();
    await using reader = await Spool.open(directory);
    const names = [];
    for await (const element of reader.elements()) names.push([element.source, element.sourceName]);
    expect(names).toEqual([
      [0, 'a'],
      [1, 'b'],
    ]);
    expect(await reader.atOffset(4, 1)).toBe(3);
    expect((await reader.rows(3))[0]).toMatchObject({ row: 3, source: 1, item: { text: 'b 2' } });
  });

  test('is closed with its error when the spool refuses', async () => {
    const directory = join(root, 'refusing');
    await using writer = await Spool.create(directory, { about: { parser: 'other' } });
    await writer.append((await firstElement()).bytes);
    const source = { stream: [Buffer.from('one\n')] };
    const session = await manager.ingest({ source, parser: { plugin: 'string-parser' } });
    await expect(spoolSession(session, directory)).rejects.toMatchObject({ code: 'ERR_SPOOL_LOCKED' });
    expect(session.summary.status).toBe('stopped');
  });
});

/** What JSON does not have. */
function detailsOf({ kind, text, columns, wasJoined, encodedColumns, time }: Item): object {
  return {
    kind,
    text,
    columns,
    wasJoined,
    encodedColumns: encodedColumns.map((column) => Buffer.from(column).toString('hex')),
    time,
  };
}

async function firstElement() {
  const source = { stream: [Buffer.from('one\n')] };
  for await (const element of await manager.ingest({ source, parser: { plugin: 'string-parser' } }))
    return element.retain();
  throw new Error('nothing was delivered');
}
