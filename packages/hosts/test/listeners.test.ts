import { getEventListeners } from 'node:events';
import { createParserPool } from '@chipmunk-host/hosts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readAll, setStage } from './support.js';

const stage = setStage();

interface Warning extends Error {
  readonly code?: string;
}

let warnings: Warning[];
const onWarning = (warning: Warning) => void warnings.push(warning);
beforeEach(() => {
  warnings = [];
  process.on('warning', onWarning);
});
afterEach(() => void process.off('warning', onWarning));

/** Warnings are emitted in a later turn. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a listener that fails', () => {
  const input = Buffer.from('\xff\nline\n'.repeat(20), 'latin1');
  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('thrown on purpose');
      },
    ],
    ['rejects', async () => Promise.reject(new Error('thrown on purpose'))],
  ])('is reported once, and the session goes on: it %s', async (_, fail) => {
    let logged = 0;
    let progressed = 0;
    const onLog = () => {
      logged++;
      return fail() as never;
    };
    const onProgress = () => {
      progressed++;
      return fail() as never;
    };
    const file = await stage.input(input);
    const session = await stage.open({ source: { file }, onLog, onProgress });
    expect(await readAll(session)).toHaveLength(20);
    await turn();
    expect(session.summary).toMatchObject({ status: 'completed', errors: {} });
    expect(logged).toBeGreaterThan(1);
    expect(progressed).toBeGreaterThan(1);
    expect(warnings.map(({ code, message }) => [code, message]).sort()).toEqual(
      ['onLog', 'onProgress'].map((name) => [
        'CHIPMUNK_LISTENER_FAILED',
        `${name} threw: thrown on purpose. This has no other effect; further exceptions of it are not reported.`,
      ]),
    );
  });

  test('does not keep a session from waiting for its worker', async () => {
    await using pool = createParserPool({ maxInstances: 1 });
    const file = await stage.input('line\n');
    const first = await stage.open({ pool, source: { file } });
    const onWaiting = () => {
      throw new Error('thrown on purpose');
    };
    const second = stage.open({ pool, source: { file }, onWaiting });
    expect(pool.usage).toEqual({ maxInstances: 1, inUse: 1, waiting: 0 });
    await readAll(first);
    expect(await readAll(await second)).toHaveLength(1);
    expect(warnings.map(({ code }) => code)).toEqual(['CHIPMUNK_LISTENER_FAILED']);
  });
});

test('sessions on one signal have one listener of it, and none when they have ended', async () => {
  const abort = new AbortController();
  const { signal } = abort;
  const file = await stage.input('line\n');
  const sessions = await Promise.all([1, 2, 3].map(() => stage.open({ source: { file }, signal })));
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  for (const session of sessions.slice(1)) await session.close();
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  await sessions[0]?.close();
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

test('each of several sessions on one signal ends when it is aborted', async () => {
  const abort = new AbortController();
  const file = await stage.input('line\n'.repeat(100));
  const sessions = await Promise.all([1, 2, 3].map(() => stage.open({ source: { file }, signal: abort.signal })));
  abort.abort(new Error('enough'));
  for (const session of sessions) await expect(session.next()).rejects.toThrow('enough');
  expect(getEventListeners(abort.signal, 'abort')).toHaveLength(0);
});
