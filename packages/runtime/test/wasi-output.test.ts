import { describe, expect, test } from 'vitest';
import { type OutputLimits, OutputLines } from '../src/worker/wasi/cli/output-lines.js';

const LIMITS: OutputLimits = { lineBytes: 10, outputBytesPerSecond: 1000, keptLines: 3 };

function lines(limits: Partial<OutputLimits> = {}) {
  const events: (string | number)[] = [];
  const clock = { nowMs: 0 };
  const sink = { line: (text: string) => events.push(text), dropped: (bytes: number) => events.push(bytes) };
  const output = new OutputLines({ ...LIMITS, ...limits }, sink, () => clock.nowMs);
  return { events, clock, output, write: (text: string | Uint8Array) => output.write(Buffer.from(text as string)) };
}

describe('output lines', () => {
  test('pieces become lines wherever they are cut', () => {
    const { events, write, output } = lines();
    for (const character of 'one\n\ntwo\nrest') write(character);
    expect(events).toEqual(['one', '', 'two']);
    output.flush();
    output.flush();
    expect(events).toEqual(['one', '', 'two', 'rest']);
  });

  test('bytes that are not UTF-8 become replacement characters', () => {
    const { events, write } = lines();
    write(Uint8Array.of(0x61, 0xff, 0x62, 0x0a));
    expect(events).toEqual(['a\ufffdb']);
  });

  test('a long line is split, not in the middle of a character', () => {
    const { events, write } = lines();
    write('123456789äöü\n');
    write(`${'x'.repeat(25)}\n`);
    expect(events).toEqual(['123456789', 'äöü', 'xxxxxxxxxx', 'xxxxxxxxxx', 'xxxxx']);
  });

  test('a long line of continuation bytes is split all the same', () => {
    const { events, write, output } = lines();
    write(new Uint8Array(25).fill(0x80));
    output.flush();
    expect(events.join('')).toBe('\ufffd'.repeat(25));
  });

  test('output beyond the limit of a second is counted, and reported once', () => {
    const { events, write, clock, output } = lines({ outputBytesPerSecond: 12 });
    for (let i = 0; i < 5; i++) write(`line${i}\n`);
    expect(events).toEqual(['line0', 'line1']);
    clock.nowMs = 1000;
    write('later\n');
    expect(events).toEqual(['line0', 'line1', 18, 'later']);
    write('again\nover\n');
    output.flush();
    expect(events).toEqual(['line0', 'line1', 18, 'later', 'again', 5]);
  });

  test('of 0 bytes a second nothing is passed on, and all is counted', () => {
    const { events, write, output } = lines({ outputBytesPerSecond: 0 });
    write('line\nmore\n');
    output.flush();
    expect(events).toEqual([10]);
  });

  test('without a bound all is passed on', () => {
    const { events, write } = lines({ outputBytesPerSecond: Number.POSITIVE_INFINITY });
    for (let i = 0; i < 1000; i++) write(`${i}\n`);
    expect(events).toHaveLength(1000);
  });

  test('the last lines are kept whether they were passed on or not', () => {
    const { write, output } = lines({ outputBytesPerSecond: 1 });
    write('a\nb\nc\nd\npart');
    expect(output.lastLines()).toEqual(['c', 'd', 'part']);
    output.flush();
    expect(output.lastLines()).toEqual(['c', 'd', 'part']);
  });
});
