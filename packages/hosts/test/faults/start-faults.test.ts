import { IngestSession, type ParserInfo } from '@chipmunk-host/hosts';
import type { PluginPhase } from '@chipmunk-host/runtime';
import { describe, expect } from 'vitest';
import { fault, setScene } from './scene.js';
import type { WatPlugin } from './wat-plugin.js';

const scene = setScene();
/** Long enough for an instance to start on a busy machine. */
const DEADLINE_MS = 1000;
const LOOP = '(loop $l (br $l))';

describe('a plugin that does not start', () => {
  const PLACES: readonly [where: string, plugin: (act: string) => WatPlugin, phase: PluginPhase][] = [
    ['a start function', (start) => ({ start }), 'instantiate'],
    ['get-version', (version) => ({ version }), 'info'],
    ['get-config-schemas', (schemas) => ({ schemas }), 'info'],
    ['get-render-options', (renderOptions) => ({ renderOptions }), 'info'],
    ['init', (init) => ({ init }), 'init'],
  ];
  for (const [where, plugin, phase] of PLACES) {
    fault(scene, `traps in ${where}`, async () => {
      const component = await scene.wat(plugin('unreachable'));
      const { error, texts } = await scene.ingest('x\n', { component });
      expect(texts).toEqual([]);
      expect(error).toMatchObject({ code: 'ERR_PLUGIN_TRAP', phase, plugin: 'the-plugin' });
    });

    fault(scene, `never returns from ${where}`, async () => {
      const component = await scene.wat(plugin(LOOP));
      const { error } = await scene.ingest('x\n', { component, deadlineMs: DEADLINE_MS });
      expect(error).toMatchObject({ code: 'ERR_PLUGIN_TIMEOUT', phase, plugin: 'the-plugin' });
    });
  }

  fault(scene, 'has data that does not fit into its memory', async () => {
    const component = await scene.wat({ fields: '(data (i32.const 131070) "beyond the end")' });
    const { error } = await scene.ingest('x\n', { component });
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_TRAP', phase: 'instantiate' });
  });

  fault(scene, 'has schemas outside of its memory', async () => {
    const schemas = '(i32.store (i32.const 16) (i32.const -32)) (i32.store (i32.const 20) (i32.const 1))';
    const component = await scene.wat({ schemas });
    const { error } = await scene.ingest('x\n', { component });
    expect(error?.code).toMatch(/^ERR_PLUGIN_(TRAP|CONTRACT)$/);
    expect(error?.phase).toBe('info');
  });

  fault(scene, 'has 2^32 - 1 schemas', async () => {
    const component = await scene.wat({ schemas: '(i32.store (i32.const 20) (i32.const -1))' });
    const { error } = await scene.ingest('x\n', { component, deadlineMs: DEADLINE_MS });
    expect(error?.code).toMatch(/^ERR_PLUGIN_/);
    expect(error?.phase).toBe('info');
  });

  fault(scene, 'refuses its configuration', async () => {
    const { error } = await scene.ingest('x\n', { config: { init: 'refuse' } });
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_INIT', message: 'the plugin does not want to (io)' });
  });

  fault(
    scene,
    'fails without its temporary directory, which the machine keeps from it: that is what it is put down to',
    async () => {
      const usual = process.env.TMPDIR;
      process.env.TMPDIR = await scene.input('a file');
      const { error } = await scene.ingest('x\n', { config: { init: 'temp' } });
      process.env.TMPDIR = usual;
      const message = expect.stringMatching(/temporary directory .* cannot be made: ENOTDIR/);
      expect(error).toMatchObject({ code: 'ERR_ENVIRONMENT', message, help: expect.stringContaining('TMPDIR') });
    },
  );

  fault(scene, 'makes its temporary directory and traps in init: the directory is removed', async () => {
    const { error } = await scene.ingest('x\n', { config: { init: 'temp' } });
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_TRAP', phase: 'init' });
  });
});

describe('a plugin whose answers about itself are known', () => {
  const info: ParserInfo = {
    version: { major: 1, minor: 2, patch: 3 },
    configSchemas: [],
    renderOptions: { columns: undefined },
  };

  fault(scene, 'is not asked: it may trap in all that it would be asked', async () => {
    const trap = 'unreachable';
    const component = await scene.wat({ version: trap, schemas: trap, renderOptions: trap });
    expect((await scene.ingest('x\n', { component })).error).toMatchObject({ code: 'ERR_PLUGIN_TRAP', phase: 'info' });
    const file = await scene.input('x\n');
    await using session = await IngestSession.open({ component, info, pool: scene.pool, source: { file } });
    expect(session.info).toBe(info);
  });

  fault(scene, 'traps in a start function', async () => {
    const component = await scene.wat({ start: 'unreachable' });
    const { error } = await scene.ingest('x\n', { component, info });
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_TRAP', phase: 'instantiate', plugin: 'the-plugin' });
  });

  fault(scene, 'never returns from a start function', async () => {
    const component = await scene.wat({ start: LOOP });
    const { error } = await scene.ingest('x\n', { component, info, deadlineMs: DEADLINE_MS });
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_TIMEOUT', phase: 'instantiate', plugin: 'the-plugin' });
  });

  fault(scene, 'is given configuration that fits what is known, and not what it would say', async () => {
    const schema = {
      id: 'other',
      title: 'Other',
      description: undefined,
      type: { kind: 'boolean', default: true },
    } as const;
    const known = { ...info, configSchemas: [schema] } as const;
    const { error } = await scene.ingest('x\n', { info: known, config: { init: 'refuse' } });
    expect(error).toMatchObject({ code: 'ERR_CONFIG', message: expect.stringContaining("'init' is unknown") });
    // The plugin has values of its own for what it is not given.
    expect(await scene.ingest('x\n', { info: known, config: { other: false } })).toMatchObject({ texts: ['x'] });
  });
});
