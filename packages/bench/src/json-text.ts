/** Lines of JSON to measure with: about 250 bytes each, as services log them, the same in every run. */

const LEVELS = ['info', 'debug', 'warn', 'info', 'error', 'info'];
const LOGGERS = ['http.server', 'db.pool', 'auth', 'jobs.mailer', 'cache'];
const MESSAGES = [
  'request completed',
  'connection "primary" was returned to the pool',
  'token refreshed for user',
  'value out of range, using last known',
  'grüße aus dem Cache\n',
];

/** At least `bytes` bytes of whole lines. */
export function jsonText(bytes: number): Buffer {
  const lines: string[] = [];
  let length = 0;
  for (let i = 0; length < bytes; i++) {
    const line = `${JSON.stringify(entry(i))}\n`;
    lines.push(line);
    length += line.length;
  }
  return Buffer.from(lines.join(''));
}

function entry(i: number): object {
  const pick = <Value>(values: readonly Value[], step: number) => values[(i * step) % values.length] as Value;
  return {
    time: new Date(1_760_000_000_000 + i * 7).toISOString(),
    level: pick(LEVELS, 5),
    logger: pick(LOGGERS, 7),
    message: pick(MESSAGES, 11),
    pid: 4711,
    request: {
      id: ((i * 2_654_435_761) >>> 0).toString(16).padStart(8, '0'),
      method: i % 3 === 0 ? 'POST' : 'GET',
      path: `/api/v2/items/${i % 1000}`,
      status: i % 17 === 0 ? 404 : 200,
    },
    ms: (i % 400) / 4,
    tags: ['a', 'prod'],
  };
}
