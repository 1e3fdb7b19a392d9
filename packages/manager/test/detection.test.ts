/** Which parser reads an input: the shipped ones, and parsers that fail, on the beginnings of inputs of several kinds. */
import { readFile } from 'node:fs/promises';
import { type Detection, PluginsManager } from '@chipmunk-host/manager';
import { buildFragile } from '@chipmunk-host/test-plugins';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { install, STRING_PARSER, setStage } from './support.js';

const stage = setStage();
const TEXT = Buffer.from('2026-01-01 something happened\n'.repeat(200));
const DLT = Buffer.concat(Array.from({ length: 200 }, (_, i) => message(`text ${i}`)));

let manager: PluginsManager;
beforeAll(async () => {
  manager = await PluginsManager.open({ directory: await stage.folder('plugins'), load: 'lazy' });
});
afterAll(() => manager.close());

test('text is for the parser of text, also where the sample ends within a line', async () => {
  expect(best(await manager.detect({ bytes: TEXT }))).toBe('string-parser');
  const detection = await manager.detect({ file: await stage.file('text.log', TEXT) }, { sampleBytes: 100 });
  expect(detection).toMatchObject({ sampleBytes: 100, best: { readableShare: 1, skippedBytes: 0, parseErrors: 0 } });
  expect(best(detection)).toBe('string-parser');
  // No other parser takes all kinds of bytes for its own.
  expect((await manager.detect({ bytes: TEXT })).ranking).toContainEqual(
    expect.objectContaining({ name: 'dlt-parser', items: 0, readableShare: 0 }),
  );
});

test('lines of JSON are for the parser of JSON, also where some lines are broken', async () => {
  const lines = Array.from({ length: 100 }, (_, i) =>
    i % 10 === 0 ? 'broken' : `{"level":"info","text":"line ${i}"}`,
  );
  const { best: first } = await manager.detect({ bytes: Buffer.from(`${lines.join('\n')}\n`) });
  expect(first).toMatchObject({ name: 'json-lines', items: 100, skippedBytes: 0 });
});

test('DLT is for the parser of DLT, also where a fifth of it is damaged', async () => {
  expect(await manager.detect({ bytes: DLT })).toMatchObject({
    best: { name: 'dlt-parser', score: 1.25, readableShare: 1, columnsShare: 1, items: 200, skippedBytes: 0 },
  });
  const skippedBytes = Math.floor(DLT.length / 4);
  const { best: first } = await manager.detect({ bytes: Buffer.concat([DLT, Buffer.alloc(skippedBytes)]) });
  expect(first).toMatchObject({ name: 'dlt-parser', items: 200, skippedBytes });
  expect(first?.readableShare).toBeCloseTo(0.8, 3);
});

test('lines of JSON are for the parser of JSON', async () => {
  const line = '{"time":"2024-03-18T06:00:00Z","level":"info","msg":"something happened"}\n';
  const { best: first } = await manager.detect({ bytes: Buffer.from(line.repeat(50)) });
  expect(first).toMatchObject({ name: 'json-lines', score: 1.25, items: 50, skippedBytes: 0 });
});

test('lines of a known format are for the parser of them, also where some are of none', async () => {
  const lines = Array.from({ length: 100 }, (_, i) => `Mar 18 06:00:${10 + (i % 50)} host app[${i}]: text ${i}`);
  const { best: first } = await manager.detect({ bytes: Buffer.from(`${lines.join('\n')}\nother\n`) });
  expect(first).toMatchObject({ name: 'text-format', readableShare: 1, items: 101, skippedBytes: 0 });
});

test('a message that the end of the sample cuts off does not count against its parser', async () => {
  const file = await stage.file('cut.dlt', DLT);
  const sampleBytes = DLT.length - 10;
  expect(await manager.detect({ file }, { sampleBytes })).toMatchObject({
    sampleBytes,
    best: { name: 'dlt-parser', readableShare: 1, items: 199, skippedBytes: 0 },
  });
});

test('a parser that fails is ranked with its error by what it read before', async () => {
  const directory = await stage.folder('failing');
  await install(directory, 'fragile', { 'fragile.wasm': await buildFragile() });
  await using failing = await PluginsManager.open({ directory, load: 'lazy' });
  const { ranking, best: first } = await failing.detect({ bytes: Buffer.concat([Buffer.from('Boom\n'), TEXT]) });
  expect(first?.name).toBe('string-parser');
  expect(ranking.find(({ name }) => name === 'fragile')).toMatchObject({
    readableShare: 0,
    error: { code: expect.stringMatching(/^ERR_PLUGIN_/) },
  });
});

test('no parser is best for what none can read, and one of text for nothing', async () => {
  const { best: first, ranking } = await manager.detect({ bytes: Buffer.alloc(1000) });
  expect({ first, parsers: ranking.map(({ name }) => name) }).toMatchObject({
    first: undefined,
    parsers: expect.arrayContaining(['dlt-parser', 'string-parser']),
  });
  expect(await manager.detect({ bytes: Buffer.alloc(0) })).toMatchObject({ sampleBytes: 0, best: { items: 0 } });
});

test('an installed parser comes before a shipped one that reads as much', async () => {
  const directory = await stage.folder('own');
  await install(directory, 'zz-own', { 'zz-own.wasm': await readFile(STRING_PARSER) });
  await using own = await PluginsManager.open({ directory, load: 'lazy' });
  expect(best(await own.detect({ bytes: TEXT }))).toBe('zz-own');
});

test('what cannot be read twice, is not there, or is no option is refused', async () => {
  const refused = (code: string, message: RegExp) => ({ code, message: expect.stringMatching(message) });
  await expect(manager.detect({ file: '/dev/null' })).rejects.toMatchObject(
    refused('ERR_SOURCE_OPEN', /'\/dev\/null' cannot be detected, since it is no regular file/),
  );
  await expect(manager.detect({ file: 'missing.log' })).rejects.toMatchObject(refused('ERR_SOURCE_OPEN', /ENOENT/));
  await expect(manager.detect({ path: 'x' } as never)).rejects.toMatchObject(refused('ERR_INVALID_OPTION', /path/));
  await expect(manager.detect({ bytes: TEXT }, { sampleBytes: 0 })).rejects.toMatchObject(
    refused('ERR_INVALID_OPTION', /sampleBytes is 0; expected a whole number from 1 to 268435456/),
  );
  const reason = new Error('enough');
  await expect(manager.detect({ bytes: TEXT }, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

function best({ best: first }: Detection): string | undefined {
  return first?.name;
}

/** A DLT message of version 1 with a storage header: verbose, with one text. */
function message(text: string): Buffer {
  const argument = Buffer.concat([Buffer.from([0, 2, 0, 0, text.length + 1, 0]), Buffer.from(`${text}\0`)]);
  const extended = Buffer.concat([Buffer.from([0x41, 1]), Buffer.from('APP\0CTX\0')]);
  const storage = Buffer.concat([Buffer.from('DLT\x01'), Buffer.alloc(8), Buffer.from('ECU1')]);
  const head = Buffer.from([0x21, 0, 0, 4 + extended.length + argument.length]);
  return Buffer.concat([storage, head, extended, argument]);
}
