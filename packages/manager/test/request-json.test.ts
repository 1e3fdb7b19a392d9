/** Requests that come as JSON, where the text `none` stands for no limit. */
import { ingestRequestFromJson, PluginsManager } from '@chipmunk-host/manager';
import { describe, expect, test } from 'vitest';
import { setStage, texts } from './support.js';

const stage = setStage();
const unlimited = Number.POSITIVE_INFINITY;
const read = (request: object) => ingestRequestFromJson(JSON.parse(JSON.stringify(request)));
const parser = { plugin: 'string-parser' };

test('a session takes a request with limits of every kind, and none of them', async () => {
  await using manager = await PluginsManager.open({ directory: await stage.folder('plugins'), load: 'lazy' });
  const file = await stage.file('input.log', 'one\ntwo\n');
  const request = read({
    source: { file },
    parser: { ...parser, memoryBytes: 'none', config: { lossy: true } },
    deadlineMs: 'none',
    recovery: { maxRestarts: 0, narrowingMs: 'none', maxGapsInRow: 5 },
    logLimits: { linesPerSecond: 'none' },
    recycleBytes: 'none',
    waitMs: 'none',
  });
  expect(request).toEqual({
    source: { file },
    parser: { ...parser, memoryBytes: unlimited, config: { lossy: true } },
    deadlineMs: unlimited,
    recovery: { maxRestarts: 0, narrowingMs: unlimited, maxGapsInRow: 5 },
    logLimits: { linesPerSecond: unlimited },
    recycleBytes: unlimited,
    waitMs: unlimited,
  });
  await using session = await manager.ingest(request);
  expect(await texts(session)).toEqual(['one', 'two']);
});

test('limits of a source that is a plugin are read, too', () => {
  const source = {
    plugin: 'file-source',
    deadlineMs: 'none',
    follow: { maxEmptyReads: 'none' },
    recovery: { maxRestarts: 'none' },
  };
  expect(read({ source, parser }).source).toEqual({
    plugin: 'file-source',
    deadlineMs: unlimited,
    follow: { maxEmptyReads: unlimited },
    recovery: { maxRestarts: unlimited },
  });
  expect(read({ source: { plugin: 'file-source', follow: true }, parser }).source).toMatchObject({ follow: true });
});

describe('what is refused names what may be written in JSON', () => {
  const source = { file: 'x.log' };
  const timeLimit = "a whole number from 1 to 2147483647, or 'none' for no limit";
  test.each<[object, string]>([
    [{ deadlineMs: unlimited }, `The option deadlineMs is null; expected ${timeLimit}.`],
    [{ deadlineMs: 'Infinity' }, `The option deadlineMs is 'Infinity'; expected ${timeLimit}.`],
    [{ deadlineMs: 0 }, `The option deadlineMs is 0; expected ${timeLimit}.`],
    [{ waitMs: -1 }, "The option waitMs is -1; expected a number of at least 0, or 'none' for no limit."],
    [{ recovery: { maxGapsInRow: 0 } }, `The option recovery.maxGapsInRow is 0; expected ${timeLimit}.`],
    [{ window: { bytes: 'none' } }, "The option window.bytes is 'none'; expected a whole number from 1 to 2147483647."],
    [{ parallel: 'none' }, "The option parallel is 'none'; expected a whole number from 1 to 2147483647."],
    [{ deadlinMs: 'none' }, "There is no option 'deadlinMs'. Did you mean 'deadlineMs'?"],
    [
      { recovery: 'none' },
      "The option recovery is 'none'; expected an object with maxRestarts, restartWindowMs, narrowingMs, maxGapsInRow.",
    ],
  ])('%j', (options, message) => {
    expect(() => read({ source, parser, ...options })).toThrow(
      expect.objectContaining({ code: 'ERR_INVALID_OPTION', message }),
    );
  });

  test('beside what is no request at all', () => {
    expect(() => ingestRequestFromJson(null)).toThrow('The request is null; expected an object.');
    expect(() => read({ source, parser: 'string-parser' })).toThrow('The option parser is ');
    expect(() => read({ source: 'x.log', parser })).toThrow(
      "The option source is 'x.log'; expected an object with file",
    );
  });
});

test('what JSON made of Infinity in a request to the API is refused, too', async () => {
  await using manager = await PluginsManager.open({ directory: await stage.folder('other'), load: 'lazy' });
  const request = JSON.parse(JSON.stringify({ source: { file: 'x.log' }, parser, deadlineMs: unlimited }));
  await expect(manager.ingest(request)).rejects.toMatchObject({
    code: 'ERR_INVALID_OPTION',
    message: 'The option deadlineMs is null; expected a whole number from 1 to 2147483647, or Infinity for no limit.',
  });
});
