import { expect, test } from 'vitest';
import type { LogLine } from '#shared/protocol/log-line.js';
import { PluginLog } from '#worker/instance/plugin-log.js';

const UNLIMITED = {
  linesPerTurn: Number.POSITIVE_INFINITY,
  linesPerSecond: Number.POSITIVE_INFINITY,
  charactersPerSecond: Number.POSITIVE_INFINITY,
};

function logOf(level: 'error' | 'warn' | 'info', limits: Partial<typeof UNLIMITED> = {}) {
  const posted: LogLine[] = [];
  let dropped = 0;
  const log = new PluginLog(
    level,
    (lines, more) => {
      posted.push(...lines);
      dropped += more;
    },
    { ...UNLIMITED, ...limits },
  );
  return { log, posted, dropped: () => dropped };
}

test('lines below the level are dropped, and are still among the last lines', () => {
  const { log, posted } = logOf('warn');
  log.add('info', 'quiet');
  log.add('warn', 'loud');
  log.add('error', 'louder');
  log.flush();
  expect(posted.map(({ message }) => message)).toEqual(['loud', 'louder']);
  expect(log.lastLines()).toEqual(['quiet', 'loud', 'louder']);
});

test.each([
  ['lines of a turn', { linesPerTurn: 3 }],
  ['lines of a second', { linesPerSecond: 3 }],
  ['characters of a second', { charactersPerSecond: 6 }],
])('what is over the limit of %s is dropped and counted', (_, limits) => {
  const { log, posted, dropped } = logOf('info', limits);
  for (let line = 0; line < 10; line++) log.add('info', 'ab');
  log.end();
  expect(posted.filter(({ source }) => source === 'log')).toHaveLength(3);
  expect(dropped()).toBe(7);
  expect(posted.at(-1)).toMatchObject({
    source: 'host',
    message: '7 log lines were dropped here: the plugin logs too much.',
  });
});

test('a turn begins a new count of its lines', () => {
  const { log, posted } = logOf('info', { linesPerTurn: 2 });
  for (let turn = 0; turn < 3; turn++) {
    for (let line = 0; line < 5; line++) log.add('info', `${turn}`);
    log.flush();
  }
  expect(posted.map(({ message }) => message)).toEqual(['0', '0', '1', '1', '2', '2']);
});

test('lines in the middle of a turn are posted at once 16 times, and then gathered', () => {
  const { log, posted } = logOf('info');
  for (let line = 0; line < 20; line++) {
    log.add('info', `${line}`);
    log.flushEarly();
  }
  expect(posted).toHaveLength(16);
  log.flush();
  expect(posted).toHaveLength(20);
});
