/** Times that a parser gives, from its own code to the consumer of a session: real components in real workers. */

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
});
