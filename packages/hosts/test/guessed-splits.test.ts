import { type IngestOptions, IngestSession } from '@chipmunk-host/hosts';
import { type CompiledComponent, compile } from '@chipmunk-host/runtime';
import { beforeAll, describe, expect, test } from 'vitest';
import { faultyPlugin } from './faults/faulty-plugin.mjs';
import { setStage } from './support.js';

const stage = setStage();
/** Parts begin at `!`, with which a line may begin, and which may be anywhere in it. */
const parallel = { instances: 3, boundary: 'pattern', patterns: ['21'], splitBytes: 100 } as const;
let component: CompiledComponent;
beforeAll(async () => {
  component = await compile(await faultyPlugin());
});

interface Outcome {
  readonly texts: readonly string[];
  readonly gaps: readonly number[];
  readonly log: readonly string[];
  readonly error: unknown;
  readonly session: IngestSession;
}

async function read(lines: readonly string[], options: Omit<Partial<IngestOptions>, 'source'> = {}): Promise<Outcome> {
  const log: string[] = [];
  const session = await stage.open({
    component,
    source: { file: await stage.input(`${lines.join('\n')}\n`) },
    window: { bytes: 60 },
    recovery: { maxRestarts: 10_000, maxGapsInRow: 1000 },
    onLog: ({ source, message }) => source === 'log' && log.push(message),
    ...options,
  });
  const texts: string[] = [];
  const gaps: number[] = [];
  let offset = 0;
  let error: unknown;
  try {
    for await (const element of session) {
      expect(element.offset).toBe(offset);
      offset += element.consumedBytes;
      if (element.type === 'gap') gaps.push(element.offset);
      if (element.type === 'batch') for (const item of element) texts.push(item.text);
    }
  } catch (thrown) {
    error = thrown;
  }
  return { texts, gaps, log, error, session };
}

/** Line n is `make(n)`, with a `!` in front of every third, where parts can begin. */
function linesOf(make: (number: number) => string): string[] {
  return Array.from({ length: 150 }, (_, number) => (number % 3 === 0 ? `!line ${number}` : make(number)));
}

describe('a part that begins at a guess', () => {
  test('leaves no trace when the guess was wrong, whatever it came to', async () => {
    const acts = ['trap', 'unrecoverable', 'parse', 'eof', 'stamp', 'utf8', 'incomplete'];
    const lines = linesOf((number) => `${'text '.repeat(1 + (number % 20))}!${acts[number % acts.length]}`);
    const { texts, gaps, log, error, session } = await read(lines, { parallel });
    expect({ texts, gaps, log, error }).toEqual({ texts: lines, gaps: [], log: [], error: undefined });
    const { status, restarts, skippedBytes, parseErrors, errors, splits } = session.summary;
    expect({ status, restarts, skippedBytes, errors }).toEqual({
      status: 'completed',
      restarts: 0,
      skippedBytes: 0,
      errors: {},
    });
    expect(parseErrors.count).toBe(0);
    expect(splits?.parsedAhead).toBeGreaterThan(2);
    expect(splits?.parsedAgain).toBeGreaterThan(5);
  });

  test('has its gaps, parse errors and log lines when the guess was right', async () => {
    const traps = linesOf((number) => (number % 5 === 0 ? '!trap' : `line ${number}`));
    const failing = [await read(traps), await read(traps, { parallel })] as const;
    expect(failing[1].texts).toEqual(failing[0].texts);
    expect(failing[1].gaps).toEqual(failing[0].gaps);
    expect(failing[1].gaps.length).toBeGreaterThan(10);
    const acts = ['!parse', '!stamp', 'a plain line', 'another one'];
    const lines = linesOf((number) => acts[number % acts.length] as string);
    const one = await read(lines);
    const three = await read(lines, { parallel });
    expect(three.texts).toEqual(one.texts);
    expect(three.log.map((line) => line.replace(/ \(in the part from byte \d+ on\)$/, ''))).toEqual(one.log);
    expect(three.session.summary.parseErrors).toEqual(one.session.summary.parseErrors);
    expect(three.session.summary.parseErrors.count).toBeGreaterThan(10);
    expect(three.session.summary.splits?.parsedAhead).toBeGreaterThan(10);
  });

  test('ends the session where one instance ends it, with the same error', async () => {
    const lines = linesOf((number) => (number === 100 ? '!unrecoverable' : `text !unrecoverable ${number}`));
    const one = await read(lines);
    const three = await read(lines, { parallel });
    expect(one.error).toMatchObject({ code: 'ERR_PLUGIN_UNRECOVERABLE', plugin: expect.anything(), phase: 'parse' });
    const { code, message, plugin, phase } = one.error as Record<string, unknown>;
    expect(three.error).toMatchObject({ code, message, plugin, phase });
    expect(three.texts).toEqual(one.texts);
    const ended = await read(
      linesOf((number) => (number === 100 ? '!eof' : `text !eof ${number}`)),
      { parallel },
    );
    expect(ended.session.summary).toMatchObject({ status: 'completed', bytes: expect.any(Number) });
    expect(ended.texts).toHaveLength(100);
  });

  test('is gone on with by another thread when its own is lost, and leaves no trace of one that was lost ahead', async () => {
    const lines = linesOf((number) => (number === 100 ? '!loop' : number % 30 === 1 ? 'text !loop' : `line ${number}`));
    const options = { deadlineMs: 400, recovery: { maxRestarts: 10_000, narrowingMs: 0 } };
    const { texts, gaps, error, session } = await read(lines, { parallel, ...options });
    expect(error).toBeUndefined();
    expect(gaps).toHaveLength(1);
    // The gap is the slice in which the line was.
    const [start = 0] = gaps;
    const all = `${lines.join('\n')}\n`;
    const delivered = all.slice(0, start) + all.slice(start + session.summary.gapBytes);
    expect(`${texts.join('\n')}\n`).toBe(delivered);
  });

  test('ends when the consumer has had enough, and when it is closed while instances wait', async () => {
    const lines = linesOf((number) => `text ! ${number}`);
    const file = await stage.input(`${lines.join('\n')}\n`);
    const first = await stage.open({ component, source: { file }, parallel });
    for await (const _ of first) break;
    expect(first.summary.status).toBe('stopped');
    const second = await stage.open({ component, source: { file }, parallel });
    await second.next();
    await second.close();
    expect(second.summary.status).toBe('stopped');
  });

  test('needs patterns, which no other boundary has', async () => {
    const source = { file: await stage.input('x') };
    const open = (options: object) =>
      IngestSession.open({ component, pool: stage.pool, source, parallel: { ...parallel, ...options } as never });
    await expect(open({ patterns: [] })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
    await expect(open({ boundary: 'newline' })).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION' });
    await expect(open({ patterns: ['4'] })).rejects.toThrow('1 to 64 bytes in hexadecimal');
  });
});
