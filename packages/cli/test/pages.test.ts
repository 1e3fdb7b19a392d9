/** Pages that are compared with the code they tell of. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { formatTimeLeft } from '#terminal/quantities.js';
import { setStage } from './support.js';

const stage = setStage();
const read = (path: string) => readFile(new URL(`../${path}`, import.meta.url), 'utf8');

test('docs/errors.md has one row for each error code, and no other', async () => {
  const declared = `${await read('../runtime/src/shared/errors.ts')}${await read('../batch/src/batch-error.ts')}${await read('../spool/src/portable/spool-error.ts')}${await read('src/terminal/command-error.ts')}`;
  const codes = new Set(
    [...declared.matchAll(/^(?: {2}\||export type CommandErrorCode =).*/gm)].flatMap(
      ([line]) => line.match(/ERR_\w+/g) ?? [],
    ),
  );
  const page = await read('../../docs/errors.md');
  const rows = [...page.matchAll(/^\| `(ERR_\w+)`/gm)].map(([, code]) => code);
  expect(codes.size).toBeGreaterThan(25);
  expect([...rows].sort()).toEqual([...codes, 'ERR_UNKNOWN'].sort());
  // Each says what happened, who raises it, what becomes of the session and what to do.
  for (const [row] of page.matchAll(/^\| `ERR_.*$/gm)) {
    const [, , happened = '', raised = '', session = '', advice = ''] = row
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim());
    for (const said of [happened, raised, advice]) expect(said, row).not.toBe('');
    for (const part of session.split('; ')) expect(['goes on', 'ends', 'comes before', 'none'], row).toContain(part);
  }
});

test('the manual page has every option of the help, and is the one that package.json names', async () => {
  const manual = (await read(JSON.parse(await read('package.json')).man)).replaceAll('\\-', '-');
  for (const command of [['ingest'], ['plugins', 'config'], ['doctor']]) {
    const help = (await stage.run(...command, '--help')).stdout.toString();
    expect(manual).toContain(`.SS chipmunk-host ${command.join(' ')} `);
    for (const [flag] of help.matchAll(/--[a-z-]+(?= )/g)) expect(manual).toContain(flag);
  }
  // A request is one of those that are used on purpose.
  for (const [, request] of manual.matchAll(/^[.'](\w*)/gm)) expect(['TH', 'SH', 'SS', 'TP', 'B']).toContain(request);
});

test('the time that is left is shown as long as it is known', () => {
  expect([0, 1.2, 119, 121, Number.NaN, Number.POSITIVE_INFINITY].map(formatTimeLeft)).toEqual([
    '0 s left',
    '2 s left',
    '119 s left',
    '3 min left',
    '',
    '',
  ]);
});
