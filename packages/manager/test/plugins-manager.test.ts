import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configFromStrings, HostError, PluginInvalidError, PluginsManager } from '@chipmunk-host/manager';
import { describe, expect, test } from 'vitest';
import { CORE_MODULE, install, OTHER_COMPONENT, STRING_PARSER, setStage, texts } from './support.js';

const stage = setStage();

describe('a session', () => {
  test('is started for a plugin by name, by path and by its bytes, with the same items', async () => {
    await using manager = await PluginsManager.open({ directory: await stage.folder('plugins') });
    const source = { file: await stage.file('three.log', 'one\ntwo\r\nthree') };
    for (const plugin of ['string-parser', STRING_PARSER, await readFile(STRING_PARSER)]) {
      await using session = await manager.ingest({ source, parser: { plugin, config: { prefix: '> ' } } });
      expect(await texts(session)).toEqual(['> one', '> two', '> three']);
      expect(session.summary).toMatchObject({ status: 'completed', bytes: 14, items: 3, skippedBytes: 0 });
    }
  });

  test('takes configuration as text, typed by the schemas', async () => {
    await using manager = await PluginsManager.open({ directory: await stage.folder('plugins') });
    await using session = await manager.ingest({
      source: { file: await stage.file('typed.log', 'four\n') },
      parser: { plugin: 'string-parser', config: (schemas) => configFromStrings(schemas, [['columns', 'true']]) },
    });
    const columns: (readonly string[])[] = [];
    for await (const batch of session.batches()) for (const item of batch) columns.push(item.columns);
    expect(columns).toEqual([['4', 'four']]);
  });

  test('has the columns of its configuration, and the plugin those of the defaults', async () => {
    await using manager = await PluginsManager.open({ directory: await stage.folder('plugins'), load: 'lazy' });
    const source = { file: await stage.file('columns.log', 'x\n') };
    const open = (config: Readonly<Record<string, boolean>>) =>
      manager.ingest({ source, parser: { plugin: STRING_PARSER, config } });
    // The first one also tells the manager about the plugin.
    for (const columns of [true, false, true]) {
      await using session = await open({ columns });
      const captions = session.info.renderOptions.columns?.columns.map(({ caption }) => caption);
      expect(captions).toEqual(columns ? ['Length', 'Message'] : undefined);
      await texts(session);
    }
    expect(await manager.inspect(STRING_PARSER)).toMatchObject({ renderOptions: { columns: undefined } });
  });

  test('runs beside others of the same manager', async () => {
    await using manager = await PluginsManager.open({ directory: await stage.folder('plugins'), maxInstances: 3 });
    const inputs = Array.from({ length: 6 }, (_, i) => `input ${i}\n`.repeat(10_000));
    const counts = await Promise.all(
      inputs.map(async (content, i) => {
        const source = { file: await stage.file(`beside-${i}.log`, content) };
        await using session = await manager.ingest({ source, parser: { plugin: 'string-parser' } });
        return new Set(await texts(session));
      }),
    );
    expect(counts).toEqual(inputs.map((_, i) => new Set([`input ${i}`])));
  });

  test('sees a binary that was replaced since the last one', async () => {
    const plugins = await stage.folder('replaced');
    const directory = await install(plugins, 'mine', { 'mine.wasm': await readFile(STRING_PARSER) });
    await using manager = await PluginsManager.open({ directory: plugins });
    expect((await manager.inspect('mine')).configSchemas.map(({ id }) => id)).toContain('lossy');
    await writeFile(join(directory, 'mine.wasm'), OTHER_COMPONENT);
    await utimes(join(directory, 'mine.wasm'), 1, 1);
    await expect(manager.inspect('mine')).rejects.toThrow(PluginInvalidError);
  });

  test('needs a signal that is not aborted', async () => {
    await using manager = await PluginsManager.open({ directory: await stage.folder('plugins') });
    const source = { file: await stage.file('aborted.log', 'x\n') };
    const reason = new Error('enough');
    const opening = manager.ingest({ source, parser: { plugin: 'string-parser' }, signal: AbortSignal.abort(reason) });
    await expect(opening).rejects.toBe(reason);
  });
});

describe('what is compiled', () => {
  test('is kept beside the plugins in a folder of ours', async () => {
    const plugins = await stage.folder('cached');
    await using manager = await PluginsManager.open({ directory: plugins, bundled: false });
    // Not what another test has compiled in this process before: that would not be written again.
    const unique = Buffer.concat([await readFile(STRING_PARSER), Buffer.from([0, 4, 3, 0x61, 0x62, 0x63])]);
    expect(await manager.inspect(unique)).toMatchObject({ version: { major: 0 } });
    expect(await readdir(plugins)).toEqual(['.chipmunk-host', 'bytesources', 'parsers']);
    expect(await readdir(join(plugins, '.chipmunk-host', 'artefacts'))).toHaveLength(1);
  });

  test('is not kept where that is impossible, with a warning and no harm', async () => {
    const warnings: string[] = [];
    await using manager = await PluginsManager.open({
      directory: await stage.folder('plugins'),
      cacheDirectory: join(await stage.file('in-the-way', ''), 'cache'),
      onWarning: (message) => warnings.push(message),
    });
    const unique = Buffer.concat([await readFile(STRING_PARSER), Buffer.from([0, 4, 3, 0x78, 0x79, 0x7a])]);
    expect(await manager.inspect(unique)).toMatchObject({ version: { major: 0 } });
    expect(warnings.join('\n')).toContain('in-the-way');
  });
});

describe('a plugin that cannot be used', () => {
  test.each([
    ['a slip of the keyboard', 'string-parsr', /no plugin 'string-parsr'. Did you mean 'string-parser'\?/],
    [
      'an unknown name',
      'pcap',
      /'pcap'. Known are: file-source, dlt-parser, json-lines, protobuf-parser, string-parser, text-format. Searched: .*unknown-names/,
    ],
    ['a missing file', './nowhere/my.wasm', /no plugin file '.*nowhere\/my.wasm'/],
  ])('is not found: %s', async (_, plugin, expected) => {
    await using manager = await PluginsManager.open({ directory: await stage.folder('unknown-names') });
    await expect(manager.inspect(plugin)).rejects.toThrow(expected);
    await expect(manager.inspect(plugin)).rejects.toMatchObject({
      code: 'ERR_PLUGIN_NOT_FOUND',
      help: expect.any(String),
    });
  });

  test.each([
    ['empty', Buffer.alloc(0), /is empty/],
    ['text', Buffer.from('not wasm at all'), /not WebAssembly/],
    ['core', CORE_MODULE, /is a core/],
    ['other', OTHER_COMPONENT, /exports run; expected chipmunk:parser/],
    ['broken', OTHER_COMPONENT.subarray(0, 100), /./],
  ])('is named with its path and what it is instead: %s', async (name, content, expected) => {
    await using manager = await PluginsManager.open({ directory: await stage.folder('plugins') });
    const path = await stage.file(`${name}.wasm`, content);
    const refused = manager.inspect(path);
    await expect(refused).rejects.toThrow(PluginInvalidError);
    await expect(refused).rejects.toMatchObject({
      code: 'ERR_PLUGIN_INVALID',
      plugin: path,
      message: expect.stringMatching(expected),
    });
    await expect(refused).rejects.toThrow(path);
  });

  test('is a directory', async () => {
    await using manager = await PluginsManager.open({ directory: await stage.folder('plugins') });
    const path = await stage.folder('directory.wasm');
    await expect(manager.inspect(path)).rejects.toThrow(`'${path}' is a directory; expected a .wasm file`);
  });

  test.skipIf(process.getuid?.() === 0)('is unreadable', async () => {
    await using manager = await PluginsManager.open({ directory: await stage.folder('plugins') });
    const path = await stage.file('secret.wasm', CORE_MODULE);
    await chmod(path, 0);
    await expect(manager.inspect(path)).rejects.toThrow(path);
  });

  test('is named by its path also when it lies in the plugins directory', async () => {
    const plugins = await stage.folder('with-invalid');
    const directory = await install(plugins, 'bad', { 'bad.wasm': CORE_MODULE });
    await using manager = await PluginsManager.open({ directory: plugins });
    await expect(manager.inspect('bad')).rejects.toThrow(join(directory, 'bad.wasm'));
  });
});

describe('the end of a manager', () => {
  test('ends its sessions, and may be repeated', async () => {
    const manager = await PluginsManager.open({ directory: await stage.folder('plugins') });
    const source = { file: await stage.file('long.log', 'a line of text\n'.repeat(1_000_000)) };
    const session = await manager.ingest({ source, parser: { plugin: 'string-parser' } });
    await session.next();
    await Promise.all([manager.close(), manager.close()]);
    expect(await session.next()).toEqual({ done: true, value: undefined });
    expect(session.summary.status).toBe('stopped');
    await manager.close();
    const late = manager.ingest({ source, parser: { plugin: 'string-parser' } });
    await expect(late).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await expect(late).rejects.toThrow(HostError);
  });

  test('is an error for those who are still opening', async () => {
    const manager = await PluginsManager.open({ directory: await stage.folder('plugins') });
    const opening = manager.inspect('string-parser');
    const refused = expect(opening).rejects.toMatchObject({ code: 'ERR_CLOSED' });
    await manager.close();
    await refused;
  });

  test.each([
    ['a session that was read', 'for await (const batch of session.batches()) items += batch.count;', '200000'],
    ['a session that was left', 'for await (const batch of session.batches()) { items++; break; }', '1'],
    ['a session that nobody read', '', '0'],
  ])('lets the process end: %s', async (_, consume, expected) => {
    const file = await stage.file('ending.log', 'line\n'.repeat(200_000));
    const child = runScript(`
      const manager = await PluginsManager.open({ directory: ${JSON.stringify(await stage.folder('plugins'))} });
      const session = await manager.ingest({ source: { file: ${JSON.stringify(file)} }, parser: { plugin: 'string-parser' } });
      let items = 0;
      ${consume}
      await manager.close();
      process.stdout.write(String(items));`);
    expect(await child).toEqual({ stdout: expected, stderr: '', code: 0 });
  });

  test('lets the process end after a failure', async () => {
    const child = await runScript(`
      const manager = await PluginsManager.open({ directory: ${JSON.stringify(await stage.folder('plugins'))} });
      const parser = { plugin: 'string-parser', config: { nothing: 1 } };
      await manager.ingest({ source: { file: '/' }, parser }).catch((error) => process.stdout.write(error.code));
      await manager.ingest({ source: { file: process.execPath }, parser }).catch((error) => process.stdout.write(error.code));
      await manager.close();`);
    expect(child).toEqual({ stdout: 'ERR_SOURCE_OPENERR_CONFIG', stderr: '', code: 0 });
  });
});

/** Runs a module in a process of its own, which has to end by itself. */
async function runScript(body: string) {
  const script = `import { PluginsManager } from '@chipmunk-host/manager';\n${body}`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { cwd: import.meta.dirname });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { stdout, stderr, code };
}
