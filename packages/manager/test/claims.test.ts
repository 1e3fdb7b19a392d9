import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { PluginsManager } from '@chipmunk-host/manager';
import { buildClaimant, type Claim, claiming } from '@chipmunk-host/test-plugins';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { install, setStage } from './support.js';

const stage = setStage();
const REFUSED: readonly (readonly [Claim, string])[] = [
  ['schemas101', 'it has 101 configuration schemas; at most 100 are allowed'],
  ['columns101', 'it has 101 columns; at most 100 are allowed'],
  ['id1025', 'the id of configuration schema 1 has 1025 bytes; at most 1024 are allowed'],
  ['sameIds', "two configuration schemas have the id 'twice'; ids must be unique"],
  ['title2049', 'the title of configuration schema 1 has 2049 bytes; at most 2048 are allowed'],
  ['titleOfUmlauts', 'the title of configuration schema 1 has 2050 bytes; at most 2048 are allowed'],
  ['caption2049', 'the caption of column 1 has 2049 bytes; at most 2048 are allowed'],
  ['description10241', 'the description of configuration schema 1 has 10241 bytes; at most 10240 are allowed'],
  ['columnDescription10241', 'the description of column 1 has 10241 bytes; at most 10240 are allowed'],
];
const TAKEN: readonly Claim[] = [
  'nothing',
  'schemas100',
  'columns100',
  'id1024',
  'title2048',
  'caption2048',
  'description10240',
  'columnDescription10240',
  'allTypes',
];

let manager: PluginsManager;
let plugins: string;
beforeAll(async () => {
  plugins = await stage.folder('claims');
  const claimant = await buildClaimant();
  for (const claim of [...TAKEN, 'defaultOf5MiB' as const, ...REFUSED.map(([name]) => name)])
    await install(plugins, claim, { [`${claim}.wasm`]: claiming(claimant, claim) });
  manager = await PluginsManager.open({ directory: plugins, bundled: false });
});
afterAll(() => manager.close());

describe('a plugin that claims more than it may is invalid', () => {
  test.each(REFUSED)('%s: %s', async (claim, reason) => {
    const entry = manager.plugin(claim);
    expect(entry).toMatchObject({
      state: 'invalid',
      info: undefined,
      error: { code: 'ERR_PLUGIN_INVALID', phase: 'info', message: `The plugin exceeds a limit: ${reason}.` },
    });
    await expect(manager.inspect(claim)).rejects.toThrow(reason);
    const source = { file: await stage.file('input.log', 'x\n') };
    await expect(manager.ingest({ source, parser: { plugin: entry.path } })).rejects.toThrow(reason);
  });
});

test('a plugin with a default of 5 MiB is invalid before a string is made of it', () => {
  const { state, error } = manager.plugin('defaultOf5MiB');
  expect(state).toBe('invalid');
  expect(error).toMatchObject({ code: 'ERR_PLUGIN_CONTRACT', phase: 'info' });
  expect(error?.message).toContain('get-config-schemas returned too much text: [0].input-type.text has 5242880 bytes');
});

describe('a plugin that claims as much as it may is valid', () => {
  test.each(TAKEN)('%s', (claim) => {
    expect(manager.plugin(claim)).toMatchObject({ state: 'valid', error: undefined });
  });
});

test('what plugins claim is the same from the cache', async () => {
  const fresh = manager.plugins();
  const loaded: unknown[] = [];
  const onLoaded = (event: unknown) => void loaded.push(event);
  subscribe('chipmunk-host.manager.loaded', onLoaded);
  await using again = await PluginsManager.open({ directory: plugins, bundled: false });
  unsubscribe('chipmunk-host.manager.loaded', onLoaded);
  expect(again.plugins()).toEqual(fresh);
  expect(loaded).toHaveLength(fresh.length);
  expect(loaded).toEqual(fresh.map(() => expect.objectContaining({ manager: again, fromCache: true })));
  const { info } = again.plugin('allTypes');
  expect(info?.configSchemas.map(({ type }) => type)).toEqual([
    { kind: 'boolean', default: true },
    { kind: 'integer', default: -5 },
    { kind: 'float', default: Number.NaN },
    { kind: 'float', default: Number.NEGATIVE_INFINITY },
    { kind: 'float', default: -0 },
    { kind: 'text', default: 'x' },
    { kind: 'directories' },
    { kind: 'files', extensions: ['log', 'txt'] },
    { kind: 'dropdown', options: ['one', 'two'], default: 'two' },
  ]);
});
