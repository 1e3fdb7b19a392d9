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
