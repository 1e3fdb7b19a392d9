import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, PluginsManager } from '@chipmunk-host/manager';
import { expect, onTestFinished, test } from 'vitest';
import { setStage, texts } from './support.js';

const stage = setStage();
let count = 0;

/** A manager of a directory of its own, which is told here what is wrong without harm. */
async function open() {
  const directory = await stage.folder(`plugins-${++count}`);
  const warnings: string[] = [];
  // What is compiled is shared: each compiling takes a while, and none of it is at stake here.
  const cacheDirectory = join(stage.directory, 'artefacts');
  const onWarning = (message: string) => void warnings.push(message);
  const manager = await PluginsManager.open({ directory, cacheDirectory, load: 'lazy', onWarning });
  onTestFinished(() => manager.close());
  return { manager, warnings, folder: join(directory, '.chipmunk-host/profiles/parsers/string-parser') };
}

test('a profile that was saved is there for the next manager', async () => {
  const { manager } = await open();
  await manager.profiles.save('string-parser', 'Prüfstand 2', { prefix: '> ', lossy: false });
  await manager.profiles.save('string-parser', 'a', {});
  await using other = await PluginsManager.open({ directory: manager.directory, load: 'lazy' });
  expect(await other.profiles.list('string-parser')).toEqual(['Prüfstand 2', 'a']);
  expect(await other.profiles.list('file-source')).toEqual([]);
  expect(await other.profiles.get('string-parser', 'Prüfstand 2')).toEqual({ prefix: '> ', lossy: false });
  await other.profiles.save('string-parser', 'Prüfstand 2', { prefix: '# ' });
  expect(await manager.profiles.get('string-parser', 'Prüfstand 2')).toEqual({ prefix: '# ' });
  await manager.profiles.delete('string-parser', 'a');
  expect(await other.profiles.list('string-parser')).toEqual(['Prüfstand 2']);
});

test('a session takes the values of a profile, and those that are given win', async () => {
  const { manager } = await open();
  await manager.profiles.save('string-parser', 'marked', { prefix: '> ', columns: true });
  const file = await stage.file('x.log', 'x\n');
  const read = async (config: Record<string, boolean>) => {
    const parser = { plugin: 'string-parser', profile: 'marked', config };
    await using session = await manager.ingest({ source: { file }, parser });
    return await texts(session);
  };
  expect(await read({})).toEqual(['1\u0004> x']);
  expect(await read({ columns: false })).toEqual(['> x']);
});

test('a source that is a plugin has profiles, too', async () => {
  const { manager } = await open();
  const file = await stage.file('x.log', 'x\ny\n');
  await manager.profiles.save('file-source', 'x', { 'input-path': [file] });
  const source = { plugin: 'file-source', profile: 'x' };
  await using session = await manager.ingest({ source, parser: { plugin: 'string-parser' } });
  expect(await texts(session)).toEqual(['x', 'y']);
});

test('values that do not fit are not saved: all faults are in the error', async () => {
  const { manager } = await open();
  const error = await manager.profiles.save('string-parser', 'a', { losy: true, lossy: 1 }).catch((e) => e);
  expect(error).toBeInstanceOf(ConfigError);
  expect(error.faults).toMatchObject([{ id: 'losy', suggestion: 'lossy' }, { id: 'lossy' }]);
  expect(await manager.profiles.list('string-parser')).toEqual([]);
});

test.each([
  '',
  '.',
  '..',
  '../x',
  'a/b',
  'a\\b',
  '.hidden',
  ' x',
  'x ',
  'x.',
  'con',
  'NUL.x',
  'Com1',
  'a\u0000b',
  'a\nb',
  'a:b',
  '-x',
  'x'.repeat(101),
  'ü'.repeat(51),
  '\u202etxt',
])('a name that could be more than a name is refused: %j', async (name) => {
  const { manager } = await open();
  const refusal = { code: 'ERR_PROFILE', message: expect.stringContaining('cannot be the name of a profile') };
  await expect(manager.profiles.save('string-parser', name, {})).rejects.toMatchObject(refusal);
  await expect(manager.profiles.get('string-parser', name)).rejects.toMatchObject(refusal);
  await expect(manager.profiles.delete('string-parser', name)).rejects.toMatchObject(refusal);
});

test('an unknown name is reported with the nearest one', async () => {
  const { manager } = await open();
  await manager.profiles.save('string-parser', 'bench', {});
  await expect(manager.profiles.get('string-parser', 'bensh')).rejects.toMatchObject({
    code: 'ERR_PROFILE',
    message: expect.stringMatching(/has no profile 'bensh'\. Did you mean 'bench'\? Known are: bench\./),
  });
  await expect(manager.profiles.delete('string-parser', 'x')).rejects.toMatchObject({ code: 'ERR_PROFILE' });
  await expect(manager.profiles.list('string-parse')).rejects.toMatchObject({ code: 'ERR_PLUGIN_NOT_FOUND' });
});

test.each([
  ['cut off', (text: string) => text.slice(0, 20), /it is not JSON/],
  ['empty', () => '', /it is not JSON/],
  ['no object', () => '[]', /it is not an object/],
  [
    'of a later format',
    (text: string) => text.replace('"format": 1', '"format": 2'),
    /a newer version of this host wrote/,
  ],
  ['without a format', () => '{}', /its format should be 1/],
  ['of another plugin', (text: string) => text.replace('string-parser', 'other'), /it is for another plugin/],
  ['without values', (text: string) => text.replace('"values"', '"value"'), /'values' should be an object/],
])('a profile that is damaged costs a warning, and can be saved again: %s', async (_, damage, reason) => {
  const { manager, warnings, folder } = await open();
  await manager.profiles.save('string-parser', 'good', {});
  await manager.profiles.save('string-parser', 'bad', { prefix: '> ' });
  const path = join(folder, 'bad.json');
  await writeFile(path, damage(await readFile(path, 'utf8')));

  expect(await manager.profiles.list('string-parser')).toEqual(['good']);
  expect(warnings).toEqual([expect.stringMatching(reason)]);
  expect(warnings[0]).toContain(path);
  const parser = { plugin: 'string-parser', profile: 'bad' };
  const file = await stage.file('x.log', 'x\n');
  await expect(manager.ingest({ source: { file }, parser })).rejects.toMatchObject({
    code: 'ERR_PROFILE',
    help: 'Save it again, or delete it.',
  });
  await manager.profiles.save('string-parser', 'bad', { prefix: '# ' });
  expect(await manager.profiles.get('string-parser', 'bad')).toEqual({ prefix: '# ' });
});

test('a profile whose values do not fit any more names what does not', async () => {
  const { manager, folder } = await open();
  await manager.profiles.save('string-parser', 'old', {});
  const path = join(folder, 'old.json');
  await writeFile(path, (await readFile(path, 'utf8')).replace('"values": {}', '"values": {"gone": 1}'));
  const parser = { plugin: 'string-parser', profile: 'old' };
  const file = await stage.file('x.log', 'x\n');
  await expect(manager.ingest({ source: { file }, parser })).rejects.toMatchObject({ faults: [{ id: 'gone' }] });
});

test('a save leaves nothing but the profile, and what lies beside it is none', async () => {
  const { manager, folder } = await open();
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, '.left.tmp'), '{"for');
  expect(await manager.profiles.list('string-parser')).toEqual([]);
  await manager.profiles.save('string-parser', 'a', {});
  expect((await readdir(folder)).sort()).toEqual(['.left.tmp', 'a.json']);
  expect(await readdir(join(manager.directory, '.chipmunk-host', 'staging'))).toEqual([]);
});

test('two managers that save at once do not disturb each other', async () => {
  const { manager, folder } = await open();
  await using other = await PluginsManager.open({ directory: manager.directory, load: 'lazy' });
  const values = Array.from({ length: 8 }, (_, number) => ({ prefix: 'x'.repeat(number * 1000) }));
  await Promise.all(
    values.flatMap((value, number) => [
      manager.profiles.save('string-parser', 'both', value),
      other.profiles.save('string-parser', 'both', value),
      other.profiles.save('string-parser', `own-${number}`, value),
    ]),
  );
  expect(await readdir(folder)).toEqual(['both.json', ...values.map((_, number) => `own-${number}.json`)]);
  expect(values).toContainEqual(await manager.profiles.get('string-parser', 'both'));
});

test('a place that cannot be written to is an error that names it', async () => {
  const { manager, folder } = await open();
  const profiles = join(folder, '../..');
  await mkdir(join(profiles, '..'), { recursive: true });
  await writeFile(profiles, 'a file');
  await expect(manager.profiles.save('string-parser', 'a', {})).rejects.toMatchObject({
    code: 'ERR_PROFILE',
    help: expect.stringContaining(profiles),
  });
});
