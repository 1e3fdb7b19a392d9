/** Times that a parser gives, from its own code to the consumer of a session: real components in real workers. */

import type { IngestOptions, SelectOptions } from '@chipmunk-host/hosts';
import { type CompiledComponent, compile } from '@chipmunk-host/runtime';
import { buildPlugin } from '@chipmunk-host/sdk';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { setStage } from './support.js';

/** A line that begins with a number of 19 digits, or `-` and 18, has that time; `skip` is skipped. */
const TIMED_LINES = `
  import { Input, Items, NO_TIME, Parser, Version } from '@chipmunk-host/sdk/assembly';

  function timeOf(at: usize, end: usize): i64 {
    if (end - at < 19) return NO_TIME;
    const isNegative = load<u8>(at) == 0x2d;
    let value: i64 = 0;
    for (let i: usize = isNegative ? 1 : 0; i < 19; i++) {
      const digit = load<u8>(at + i) - 0x30;
      if (digit > 9) return NO_TIME;
      value = value * 10 + digit;
    }
    return isNegative ? -value : value;
  }

  class TimedLines extends Parser {
    version(): Version {
      return new Version(1, 0, 0);
    }

    parse(input: Input, out: Items): void {
      let line = input.start;
      for (let at = line; at < input.end && !out.full; at++) {
        if (load<u8>(at) != 10) continue;
        if (at - line == 4 && load<u32>(line) == 0x70696b73) out.skip(at + 1 - line);
        else {
          out.line(line, at - line, at + 1 - line);
          const time = timeOf(line, at);
          if (time != NO_TIME) out.time(time);
        }
        line = at + 1;
      }
      if (out.count == 0 && line < input.end) out.incomplete();
    }
  }

  export function create(): Parser {
    return new TimedLines();
  }
`;

type Options = Omit<Partial<IngestOptions>, 'source'>;

const stage = setStage();
let component: CompiledComponent;
beforeAll(async () => {
  component = await compile(
    (await buildPlugin({ kind: 'parser', name: 'timed-lines', source: TIMED_LINES })).component,
  );
});

/** 19 characters. */
const inLine = (time: bigint) => (time < 0n ? `-${String(-time).padStart(18, '0')}` : String(time).padStart(19, '0'));

const line = fc.record({
  time: fc.option(fc.bigInt({ min: -(10n ** 18n) + 1n, max: 2n ** 63n - 1n }), { nil: undefined }),
  text: fc.string({ unit: fc.constantFrom('a', 'ß', ' ', '\u0004'), maxLength: 30 }),
});

describe('times of rows', () => {
  test('are those that the parser gave, whatever the windows and slots are', async () => {
    const lines = fc.array(
      fc.oneof({ weight: 9, arbitrary: line }, { weight: 1, arbitrary: fc.constant('skip' as const) }),
      {
        maxLength: 200,
      },
    );
    const options = fc.record({
      window: fc.record({ bytes: fc.constantFrom(64, 300, 100_000) }),
      ring: fc.record({ slots: fc.constant(2), slotBytes: fc.constantFrom(4096, 65_536) }),
      bindingsOnly: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(lines, options, async (models, given) => {
        const text = models.map((model) =>
          model === 'skip' ? 'skip' : `${model.time === undefined ? 'x' : inLine(model.time)}${model.text}`,
        );
        const file = await stage.input(text.map((line) => `${line}\n`).join(''));
        const session = await stage.open({ component, source: { file }, ...given });
        const times: (bigint | undefined)[] = [];
        for await (const batch of session.batches()) for (const item of batch) times.push(item.time);
        expect(times).toEqual(models.flatMap((model) => (model === 'skip' ? [] : [model.time])));
      }),
      { numRuns: 25, seed: 16 },
    );
  });

  test('a parser that gives none has batches without a table of times', async () => {
    const session = await stage.open({ source: { file: await stage.input('1\n2\n3\n4\n5\n') } });
    for await (const batch of session.batches()) expect(batch.hasTimes).toBe(false);
  });

  test('are in encoded output', async () => {
    const file = await stage.input(`${inLine(1_708_435_046_713_537_000n)}\nno time\n${inLine(-1n)}\n`);
    const session = await stage.open({ component, source: { file } });
    const chunks: Uint8Array[] = [];
    for await (const element of session.encoded('ndjson', { fields: ['time'] }))
      if (element.type === 'encoded') chunks.push(Uint8Array.from(element.bytes));
    expect(Buffer.concat(chunks).toString()).toBe(
      '{"time":"2024-02-20T13:17:26.713537000Z"}\n{}\n{"time":"1969-12-31T23:59:59.999999999Z"}\n',
    );
  });

  describe('select items', () => {
    const DAY = 86_400_000_000_000n;
    const START = 1_708_387_200_000_000_000n; // 2024-02-20T00:00:00Z
    const times = Array.from({ length: 5000 }, (_, i) => (i % 7 === 3 ? undefined : START + (BigInt(i) * DAY) / 2500n));
    const lines = times.map(
      (time, i) => `${time === undefined ? 'x' : inLine(time)} line ${i}${i % 50 === 0 ? ' rare' : ''}`,
    );
    const content = lines.map((line) => `${line}\n`).join('');
    const kept = (keep: (time: bigint, line: string) => boolean) =>
      lines.filter((line, i) => times[i] !== undefined && keep(times[i], line));

    test.each<[string, Options]>([
      ['alone', {}],
      ['through bindings and small slots', { bindingsOnly: true, ring: { slots: 2, slotBytes: 4096 } }],
      ['by several instances', { parallel: { instances: 2, boundary: 'newline', splitBytes: 30_000 } }],
    ])('from one time to another, %s', async (_, options) => {
      const source = { file: await stage.input(content) };
      for (const [select, keep] of [
        [{ since: '2024-02-20T12:00' }, (time) => time >= START + DAY / 2n],
        [{ until: '2024-02-20 13:00+01:00' }, (time) => time < START + DAY / 2n],
        [
          { since: `@${START / 1_000_000_000n + 3600n}`, until: START + 2n * 3_600_000_000_000n, match: 'rare' },
          (time, line) =>
            time >= START + 3_600_000_000_000n && time < START + 7_200_000_000_000n && line.includes('rare'),
        ],
        [
          { since: '2024-02-21', match: 'rare', invert: true },
          (time, line) => time >= START + DAY && !line.includes('rare'),
        ],
        [{ since: '2030-01-01' }, () => false],
      ] satisfies [SelectOptions, (time: bigint, line: string) => boolean][]) {
        const expected = kept(keep);
        const session = await stage.open({ component, source, select, ...options });
        const texts: string[] = [];
        for await (const batch of session.batches()) for (const item of batch) texts.push(item.text);
        expect(texts).toEqual(expected);
        expect(session.summary).toMatchObject({ items: texts.length, filteredItems: lines.length - texts.length });
      }
    });

    test('of encoded output', async () => {
      const session = await stage.open({
        component,
        source: { file: await stage.input(content) },
        select: { since: '2024-02-20T06:00:00Z', until: '2024-02-20T06:10:00Z' },
      });
      let text = '';
      for await (const element of session.encoded('text'))
        if (element.type === 'encoded') text += Buffer.from(element.bytes).toString();
      const expected = kept((time) => time >= START + DAY / 4n && time < START + DAY / 4n + 600_000_000_000n);
      expect(expected.length).toBeGreaterThan(10);
      expect(text).toBe(expected.map((line) => `${line}\n`).join(''));
    });

    test.each<[string, Options, RegExp]>([
      ['a parser that gives no times', { select: { since: '2024-02-20' } }, /select\.since is for parsers that give/],
      ['until alone, of such a parser', { select: { until: 5n } }, /select\.until is for parsers that give/],
      ['what is no time', { select: { since: 'noon' } }, /select\.since is 'noon'; expected a date/],
      ['an empty range', { select: { since: '@5', until: '@5' } }, /select\.until is @5; expected a time behind/],
    ])('%s is refused before anything is read', async (_, options, message) => {
      const source = { file: await stage.input('') };
      await expect(stage.open({ source, ...options })).rejects.toMatchObject({
        code: 'ERR_INVALID_OPTION',
        message: expect.stringMatching(message) as unknown,
      });
    });
  });
});
