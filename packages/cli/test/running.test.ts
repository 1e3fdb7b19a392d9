import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { outcome, setStage, summaryOf } from './support.js';

const stage = setStage();
/** Far more than pipes and rings hold, so that a reader that stops stops the session. */
const LONG = 'a line of a log that is long enough to fill pipes\n'.repeat(1_000_000);

describe('the summary', () => {
  test('is one JSON object over all files', async () => {
    const one = await stage.file('one.log', 'one\ntwo\n');
    const two = await stage.file('two.log', Buffer.from([0x61, 0x0a, 0xff, 0x0a, 0x62]));
    const result = await stage.run('ingest', one, two, '-p', 'string-parser', '-f', 'none', '--summary', 'json');
    expect(result.code).toBe(0);
    expect(result.stdout.length).toBe(0);
    expect(result.stderr).toMatch(/^warning: .*two\.log': 2 bytes of 5 bytes are in no item.*\n\{.*\}\n$/);
    expect(summaryOf(result)).toEqual({
      status: 'completed',
      files: 2,
      bytes: 13,
      items: 4,
      skippedBytes: 2,
      filteredItems: 0,
      filteredBytes: 0,
      limited: 0,
      unreadBytes: 0,
      parseErrors: { count: 0, texts: [] },
      gaps: 0,
      gapBytes: 0,
      restarts: 0,
      sourceRestarts: 0,
      recycled: 0,
      errors: {},
      firstErrors: {},
      bottleneck: { is: expect.stringMatching(/^(?:consumer|plugin|input|host)$/), share: expect.any(Number) },
      durationMs: expect.any(Number),
      bytesPerSecond: expect.any(Number),
    });
  });

  test('is text when asked for, or when there is nothing else', async () => {
    const file = await stage.file('one.log', 'one\ntwo\n');
    const expected = /^completed: 2 items from 8 bytes in .* \(.* MB\/s\)\n$/;
    const asked = await stage.run('ingest', file, '-p', 'string-parser', '--summary', 'text');
    const [account = '', bottleneck = ''] = asked.stderr.toString().split(/(?<=\n)/);
    expect(account).toMatch(expected);
    expect(bottleneck).toMatch(/^ {2}bottleneck: the (?:output|parser|input|host)[;,] .*\d %.*\n$/);
    expect((await stage.run('ingest', file, '-p', 'string-parser', '-f', 'none')).stderr).toMatch(expected);
  });

  test('and a progress bar are not written to a pipe', async () => {
    const file = await stage.file('long.log', LONG);
    const { stdout, stderr, code } = await stage.run('ingest', file, '-p', 'string-parser');
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout.equals(Buffer.from(LONG))).toBe(true);
  });
});

describe('a reader that goes away', () => {
  test('is no error', async () => {
    const file = await stage.file('long.log', LONG);
    const child = stage.start('ingest', file, '-p', 'string-parser', '--summary', 'json');
    await once(child.stdout, 'readable');
    child.stdout.destroy();
    const result = await outcome(child);
    expect({ code: result.code, signal: result.signal }).toEqual({ code: 0, signal: null });
    const summary = summaryOf(result);
    expect(summary).toMatchObject({ status: 'stopped', errors: {} });
    expect(summary.bytes).toBeLessThan(LONG.length);
  });
});

describe.skipIf(process.platform === 'win32')('an interruption', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('by %s ends with an account of what was written', async (name, code) => {
    const file = await stage.file('long.log', LONG);
    const child = stage.start('ingest', file, '-p', 'string-parser', '--summary', 'json');
    // Output that is not read fills the pipe: the session is in its middle for as long as nobody reads on.
    await once(child.stdout, 'readable');
    child.kill(name);
    await once(child.stderr, 'readable');
    const result = await outcome(child);
    expect({ code: result.code, signal: result.signal }).toEqual({ code, signal: null });
    const summary = summaryOf(result);
    expect(summary).toMatchObject({ status: 'stopped', errors: {} });
    expect(summary.bytes).toBeLessThan(LONG.length);
    expect(result.stdout.length).toBe(summary.bytes);
    expect(LONG.startsWith(result.stdout.toString())).toBe(true);
  });

  test('in the middle of items that are being encoded ends with an account of what was written', async () => {
    const file = await stage.file('long.log', LONG);
    const child = stage.start('ingest', file, '-p', 'string-parser', '-f', 'ndjson', '--summary', 'json');
    await once(child.stdout, 'readable');
    child.kill('SIGINT');
    const result = await outcome(child);
    expect({ code: result.code, signal: result.signal }).toEqual({ code: 130, signal: null });
    const summary = summaryOf(result);
    expect(summary).toMatchObject({ status: 'stopped', errors: {} });
    const lines = result.stdout.toString().trimEnd().split('\n');
    expect(lines.every((line) => JSON.parse(line).text !== undefined)).toBe(true);
    expect(summary.items).toBe(lines.length);
  });

  test('that comes twice ends at once', async () => {
    const file = await stage.file('long.log', LONG);
    const child = stage.start('ingest', file, '-p', 'string-parser', '--summary', 'json');
    await once(child.stdout, 'readable');
    child.kill('SIGINT');
    await once(child.stderr, 'readable');
    // The rest of the output is still waiting for its reader.
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([null, 'SIGINT']);
    child.stdout.destroy();
  });

  test('before anything was started is one, too', async () => {
    const file = await stage.file('long.log', LONG);
    const child = stage.start('ingest', file, '-p', 'string-parser', '-f', 'none', '--summary', 'json', '--verbose');
    child.kill('SIGTERM');
    const { code, signal } = await outcome(child);
    expect(code === 143 || signal === 'SIGTERM').toBe(true);
  });
});
