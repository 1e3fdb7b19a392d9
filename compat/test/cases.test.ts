/** Every input, by hand and random, through the host in both of its ways: direct calls and bindings. */
import { CASES, type InteropCase, randomCase } from '@chipmunk-host/compat';
import { expect, test } from 'vitest';
import { type Outcome, type RunOptions, setStage } from './stage.js';

const stage = setStage();
const RANDOM_CASES = 10;
let folders = 0;

async function runCase({ plugin, input, files, config }: InteropCase, options: RunOptions): Promise<Outcome> {
  const folder = `case-${folders++}`;
  for (const [path, content] of Object.entries(files ?? {})) await stage.file(`${folder}/${path}`, content);
  const configured = config((path) => `${stage.directory}/${folder}/${path}`);
  if (input !== undefined) return stage.run(plugin, input, { config: configured, ...options });
  const bindingsOnly = options.bindingsOnly ?? false;
  const source = { component: await stage.plugin(plugin), plugin, config: configured, bindingsOnly };
  return stage.run('lines', undefined, { source, config: { chatter: 'silent' }, ...options });
}

/** What must not depend on how a plugin is called. */
function essence({ rows, records, error, summary }: Outcome) {
  const { status, bytes, items, skippedBytes } = summary ?? {};
  return {
    rows,
    records,
    error: error && { code: error.code, message: error.message },
    status,
    bytes,
    items,
    skippedBytes,
  };
}

const random = (['lines', 'records', 'csv', 'json-lines'] as const).flatMap((plugin) =>
  Array.from({ length: RANDOM_CASES }, (_, seed) => randomCase(plugin, seed + 1)),
);

test.each([...CASES, ...random].map((one) => [one.name, one] as const))('%s', async (_, one) => {
  const direct = await runCase(one, {});
  const bindings = await runCase(one, { bindingsOnly: true });
  expect(essence(bindings)).toEqual(essence(direct));
  if (direct.error === undefined && one.input !== undefined) expect(direct.summary?.bytes).toBe(one.input.length);
});

const linesCases = [...CASES, ...random].filter(({ plugin }) => plugin === 'lines');

test.each(linesCases.map((one) => [one.name, one] as const))('%s, with items that are borrowed', async (_, one) => {
  const owned = await runCase(one, {});
  const borrowed: InteropCase = { ...one, plugin: 'lines-borrowed' };
  expect(essence(await runCase(borrowed, {}))).toEqual(essence(owned));
  expect(essence(await runCase(borrowed, { bindingsOnly: true }))).toEqual(essence(owned));
});

test('texts that are borrowed may be longer than the memory that is kept for them', async () => {
  const long = Array.from({ length: 40 }, (_, i) => `${'é'.repeat(i * 1000)}\n`).join('');
  const config = { prefix: '> ', 'first-number': 1, chatter: 'silent' };
  const owned = await stage.run('lines', long, { config });
  const borrowed = await stage.run('lines-borrowed', long, { config });
  expect(essence(borrowed)).toEqual(essence(owned));
  expect(borrowed.rows).toHaveLength(40);
});
