/** The errors for which a parser skips input are counted by their texts, in the summary of the session. */
import type { IngestOptions, SessionSummary } from '@chipmunk-host/hosts';
import type { CompiledComponent } from '@chipmunk-host/runtime';
import { buildPicky } from '@chipmunk-host/test-plugins';
import { beforeAll, describe, expect, test } from 'vitest';
import { ParseErrorCounts, type ParseErrorEvent } from '#shared/protocol/parse-errors.js';
import { ParseErrorLog } from '#worker/parser/parse-error-log.js';
import { compileKept, setStage } from './support.js';

const stage = setStage();
let picky: CompiledComponent;
beforeAll(async () => {
  picky = await compileKept(await buildPicky());
});

async function summaryOf(
  content: string,
  options: Partial<Omit<IngestOptions, 'source'>> = {},
): Promise<SessionSummary> {
  const session = await stage.open({ component: picky, source: { file: await stage.input(content) }, ...options });
  const failure = await (async () => {
    for await (const _ of session);
  })().catch((error: unknown) => error);
  expect(failure === undefined).toBe(session.summary.status === 'completed');
  return session.summary;
}

describe('parse errors', () => {
  test('are counted by their texts, also in an input that is short', async () => {
    const summary = await summaryOf('?no header\nfine\n?bad length\n?no header\n');
    expect(summary).toMatchObject({ status: 'completed', items: 4, skippedBytes: 3 });
    expect(summary.parseErrors).toEqual({
      count: 3,
      texts: [
        { message: 'no header', count: 2, firstOffset: 0 },
        { message: 'bad length', count: 1, firstOffset: 16 },
      ],
    });
  });

  test('are none where there are none', async () => {
    expect((await summaryOf('one\ntwo\n')).parseErrors).toEqual({ count: 0, texts: [] });
  });

  test('are counted where the session fails on them', async () => {
    const summary = await summaryOf(`${'?'.repeat(3000)}\n`);
    expect(summary.status).toBe('failed');
    // What Chipmunk allows in front of the first item, and one.
    expect(summary.parseErrors.count).toBe(1025);
  });

  test('are counted once, where a fresh instance reads over them again', async () => {
    const content = '?a\n?b\nfine\n!\n?a\n'.repeat(20);
    const summary = await summaryOf(content, { window: { bytes: 64 } });
    expect(summary).toMatchObject({ gaps: 20, skippedBytes: 60 });
    expect(summary.parseErrors).toEqual({
      count: 60,
      texts: [
        { message: 'a', count: 40, firstOffset: 0 },
        { message: 'b', count: 20, firstOffset: 3 },
      ],
    });
  });

  test('of several instances are added up', async () => {
    const content = '?a\nfine\n?b\n'.repeat(300);
    const parallel = { instances: 3, boundary: 'newline', splitBytes: 110 } as const;
    expect((await summaryOf(content, { parallel })).parseErrors).toEqual({
      count: 600,
      texts: [
        { message: 'a', count: 300, firstOffset: 0 },
        { message: 'b', count: 300, firstOffset: 8 },
      ],
    });
  });

  test('are known while the session runs, and when it is ended early', async () => {
    const session = await stage.open({
      component: picky,
      source: { file: await stage.input(`?a\n${'a line\n'.repeat(500_000)}`) },
    });
    for await (const _ of session) break;
    expect(session.summary).toMatchObject({ status: 'stopped', parseErrors: { count: 1 } });
  });

  test('with ever new texts, however long, take no more memory', async () => {
    const content = Array.from({ length: 100 }, (_, i) => `?${i} ${'x'.repeat(2000)}\n`).join('');
    const { count, texts } = (await summaryOf(content)).parseErrors;
    expect(count).toBe(100);
    expect(texts).toHaveLength(16);
    expect(texts.every(({ message }) => message.length === 300)).toBe(true);
  });

  test('are counted once, where a slice is parsed again in the same thread', () => {
    const posted: ParseErrorEvent[] = [];
    const log = new ParseErrorLog((event) => posted.push(event));
    for (const offset of [5, 6, 7, 6, 7, 8]) log.add('a', offset);
    log.flush();
    log.add('a', 8);
    log.flush();
    const texts = [{ message: 'a', count: 4, firstOffset: 5 }];
    expect(posted).toEqual([{ kind: 'parse-errors', errors: { count: 4, texts } }]);
  });

  test('that come out of order keep the first place of each text', () => {
    const counts = new ParseErrorCounts();
    counts.add('late', 90);
    counts.addAll({ count: 5, texts: [{ message: 'late', count: 2, firstOffset: 10 }] });
    counts.add('early', 3);
    expect(counts.summary()).toEqual({
      count: 7,
      texts: [
        { message: 'early', count: 1, firstOffset: 3 },
        { message: 'late', count: 3, firstOffset: 10 },
      ],
    });
  });
});
