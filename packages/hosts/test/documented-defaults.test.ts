/** Defaults that docs/plugin-contract.md promises, compared with those of the code. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  DEFAULT_DEADLINE_MS,
  DEFAULT_FOLLOW,
  DEFAULT_LOG_LIMITS,
  DEFAULT_OUTPUT_BYTES,
  DEFAULT_RECOVERY,
  DEFAULT_WINDOW,
} from '#shared/protocol/session-defaults.js';

const CONTRACT = readFileSync(new URL('../../../docs/plugin-contract.md', import.meta.url), 'utf8').replace(
  /\s+/g,
  ' ',
);
const UNITS: Readonly<Record<string, number>> = { MiB: 1024 ** 2, GiB: 1024 ** 3, s: 1000 };

/** Each number that stands where `form` has `#`: in bytes or milliseconds, where a unit follows. */
function numbersIn(form: string): number[] {
  const escaped = form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const places = [...CONTRACT.matchAll(new RegExp(escaped.replace('#', '([\\d,]+)(?: (MiB|GiB|s)\\b)?'), 'g'))];
  if (places.length === 0) throw new Error(`the document does not say '${form}'`);
  return places.map(([, digits = '', unit = '']) => Number(digits.replaceAll(',', '')) * (UNITS[unit] ?? 1));
}

test.each([
  ['by default # as in Chipmunk', DEFAULT_WINDOW.bytes],
  ['is doubled, up to #.', DEFAULT_WINDOW.hardMaxBytes],
  ['One call may return items of up to # in total', DEFAULT_OUTPUT_BYTES],
  ['longer than `deadlineMs` (#)', DEFAULT_DEADLINE_MS],
  ['`recovery.narrowingMs` (#)', DEFAULT_RECOVERY.narrowingMs],
  ['`recovery.maxRestarts` (#)', DEFAULT_RECOVERY.maxRestarts],
  ['`recovery.restartWindowMs` (#)', DEFAULT_RECOVERY.restartWindowMs],
  ['maxGapsInRow` (#)', DEFAULT_RECOVERY.maxGapsInRow],
  ['at most # lines between two turns', DEFAULT_LOG_LIMITS.linesPerTurn],
  ['and # lines a second, are passed on', DEFAULT_LOG_LIMITS.linesPerSecond],
  ['asked again after `intervalMs` (#)', DEFAULT_FOLLOW.intervalMs],
  ['`maxEmptyReads` (#, `Infinity`', DEFAULT_FOLLOW.maxEmptyReads],
])('%s', (form, value) => {
  for (const number of numbersIn(form)) expect(number).toBe(value);
});
