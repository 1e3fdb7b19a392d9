import { expect, test } from 'vitest';
import { parseAll, startPlugin } from './feed.js';
import { logMessage, text } from './log-message.js';

const LINES = Array.from(
  { length: 3000 },
  (_, i) => `{"n":${i}, "at":"12:34:${i % 60}", "what":"a line (of text) - 1."}`,
);

test('text is no message, though it may look like the headers of one', async () => {
  const input = Buffer.from(`${LINES.join('\n')}\n`);
  const { rows, skipped } = parseAll(await startPlugin(), input, {}, [997, 4096, 65_536]);
  expect({ rows, skipped }).toEqual({ rows: [], skipped: input.length });
});

test('messages among text are found', async () => {
  const message = logMessage({ application: 'APP', context: 'CTX', ecu: 'ECU1', level: 4, args: [text('found')] });
  const input = Buffer.concat([
    Buffer.from(LINES.slice(0, 500).join('\n')),
    message,
    message,
    Buffer.from(LINES.join('\n')),
  ]);
  const { rows } = parseAll(await startPlugin(), input);
  // U+0005 stands before each argument.
  expect(rows.map(({ columns }) => columns.at(-1))).toEqual(['\u0005found', '\u0005found']);
});

test('a message behind one whose storage header is destroyed, and which is four bytes short, is found', async () => {
  const message = (value: string) => {
    const bytes = logMessage({ application: 'APP', args: [text(value)] });
    // The time looks like the beginning of a message without a header.
    bytes.writeUInt8(0x34, 4);
    return bytes;
  };
  const damaged = message('damaged');
  damaged.writeUInt8(0, 0);
  const before = damaged.subarray(0, -4);
  const found = message('found');
  const { rows } = parseAll(await startPlugin(), Buffer.concat([before, found, message('too')]));
  expect(rows.map(({ offset, columns }) => [offset, columns.at(-1)]).slice(-2)).toEqual([
    [before.length, '\u0005found'],
    [before.length + found.length, '\u0005too'],
  ]);
});
