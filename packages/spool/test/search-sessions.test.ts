/** Searches of sessions with plugins in their workers, while a spool of them is written. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PluginsManager, type StreamElement } from '@chipmunk-host/manager';
import { buildFragile } from '@chipmunk-host/test-plugins';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Spool, searchSession, searchSpool } from '#index.js';

let root = '';
let manager: PluginsManager;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'search-sessions-'));
  manager = await PluginsManager.open({ directory: root, createDirectory: true });
});
afterAll(async () => {
  await manager?.close();
  await rm(root, { recursive: true, force: true });
});

const LINES = Array.from({ length: 40_000 }, (_, line) => `line ${line} ${line % 1000 === 7 ? 'Needle' : 'hay'}`);

test('a session is searched by column while a spool of it is written, and the spool has the same rows', async () => {
  const file = join(root, 'columns.log');
  await writeFile(file, `${LINES.join('\n')}\n`);
  const parser = { plugin: 'string-parser', config: { columns: true } };
  const session = await manager.ingest({ source: { file }, parser });
  const directory = join(root, 'columns.spool');
  const writer = await Spool.create(directory, { about: { renderOptions: session.info.renderOptions } });
  const queries = [
    { pattern: 'needle', ignoreCase: true, column: 'Message' },
    { pattern: '^1\\d$', column: 'Length' },
  ];
  const onElement = (element: StreamElement) => writer.append(element.bytes);
  const live = await searchSession(session, queries, { onElement });
  expect(await live.ended).toMatchObject({ rows: LINES.length, isComplete: true });
  await writer.close();
  expect(session.summary).toMatchObject({ status: 'completed', items: LINES.length });
  expect([...(live.rows[0] ?? [])]).toEqual(LINES.flatMap((line, row) => (line.includes('Needle') ? [row] : [])));
  await using reader = await Spool.open(directory);
  const kept = await searchSpool(reader, queries);
  await kept.ended;
  expect(kept.rows.map((rows) => [...rows])).toEqual(live.rows.map((rows) => [...rows]));
});

test('rows go on being counted behind a gap', async () => {
  const file = join(root, 'fragile.log');
  await writeFile(file, ['one Needle', 'BAD', 'two', 'BAD', 'three Needle', ''].join('\n'));
  const session = await manager.ingest({ source: { file }, parser: { plugin: await pluginFile() } });
  const rows: string[] = [];
  const onElement = (element: StreamElement) => {
    if (element.type === 'batch') for (const { text } of element) rows.push(text);
  };
  const search = await searchSession(session, { pattern: 'Needle' }, { onElement });
  await search.ended;
  expect(session.summary.gaps).toBeGreaterThan(0);
  expect([...(search.rows[0] ?? [])].map((row) => rows[row])).toEqual(rows.filter((text) => text.includes('Needle')));
  expect(search.rows[0]?.size).toBe(2);
});

async function pluginFile(): Promise<string> {
  const path = join(root, 'fragile.wasm');
  await writeFile(path, await buildFragile());
  return path;
}
