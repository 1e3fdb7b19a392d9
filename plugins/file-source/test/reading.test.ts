import { readFileSync } from 'node:fs';
import { appendFile, mkdir, mkdtemp, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type ConfigInput, createParserPool, type IngestOptions, IngestSession } from '@chipmunk-host/hosts';
import { type CompiledComponent, compile } from '@chipmunk-host/runtime';
import type { WorkerPool } from '@chipmunk-host/runtime/internal';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const MIB = 1024 * 1024;
/** Less than the largest file here: what is read does not pile up in the plugin. */
const MEMORY_BYTES = 8 * MIB;

const stringParser = createRequire(import.meta.url).resolve('@chipmunk-host/string-parser/string-parser.wasm');
const fileSource = new URL('../dist/file-source.wasm', import.meta.url);

let pool: WorkerPool;
let parser: CompiledComponent;
let source: CompiledComponent;
let directory: string;
beforeAll(async () => {
  pool = createParserPool();
  parser = await compile(readFileSync(stringParser));
  source = await compile(readFileSync(fileSource), { memoryBytes: MEMORY_BYTES });
  directory = await mkdtemp(join(tmpdir(), 'file-source-test-'));
  await mkdir(join(directory, 'below'));
});
afterAll(async () => {
  await pool.close();
  await rm(directory, { recursive: true, force: true });
});

type ParentGrants = { readonly grants?: { readonly parents: boolean } };

/** Opens a session over the file source with this configuration. */
function open(config: Record<string, ConfigInput>, options: ParentGrants = {}): Promise<IngestSession> {
  const plugin: IngestOptions['source'] = { component: source, plugin: 'file-source', config, ...options };
  return IngestSession.open({ component: parser, pool, source: plugin });
}

/** What the file source delivers of these files, put together from the lines that the parser makes of it. */
async function read(...paths: string[]): Promise<string> {
  const session = await open({ 'input-path': paths });
  const lines: string[] = [];
  for await (const batch of session.batches()) for (const item of batch) lines.push(item.text);
  expect(session.summary).toMatchObject({ status: 'completed', skippedBytes: 0, restarts: 0 });
  return lines.join('\n');
}

/** Lines of several lengths; the last has no end, so that the lines tell the whole content. */
function content(bytes: number): string {
  const lines: string[] = [];
  for (let length = 0, i = 0; length < bytes; i++) {
    const line = `line ${i} ${'·'.repeat(i % 5)}${'x'.repeat(i % 211)}`;
    lines.push(line);
    length += Buffer.byteLength(line) + 1;
  }
  const cut = Buffer.from(lines.join('\n'))
    .subarray(0, Math.max(bytes - 2, 0))
    .toString('utf8')
    .replace(/\ufffd$/, '');
  return cut.padEnd(cut.length + bytes - Buffer.byteLength(cut), '.');
}

async function file(path: string, text: string): Promise<string> {
  const full = join(directory, path);
  await writeFile(full, text);
  return full;
}

describe('the bytes of a file are delivered', () => {
  test.each([[0], [1], [4096], [MIB], [MIB + 1], [20 * MIB]])('when they are %i', async (bytes) => {
    const text = content(bytes);
    expect(Buffer.byteLength(text)).toBe(bytes);
    const path = await file('sized.log', text);
    // Compared as one value: the difference of two long texts would take minutes to print.
    expect((await read(path)) === text).toBe(true);
  });

  test.each([['a b  c.log'], ['Größe für Öl.log'], ["it's 100 %.log"], ['日志 😀.log'], ['below/deep.log']])(
    'when it is called %s',
    async (name) => {
      expect(await read(await file(name, `content of ${name}`))).toBe(`content of ${name}`);
    },
  );

  test('when its path is relative', async () => {
    const path = relative(process.cwd(), await file('relative.log', 'from here'));
    expect(await read(path)).toBe('from here');
    expect(await read(`./${path}`)).toBe('from here');
  });

  test('when its path is a bare name', async () => {
    const toml = readFileSync('file-source.toml', 'utf8').trimEnd();
    expect(await read('file-source.toml')).toBe(toml);
    expect(await read('./file-source.toml')).toBe(toml);
  });

  test('when its path is a link to a file beside it', async () => {
    await file('today.log', 'today');
    await symlink('today.log', join(directory, 'current.log'));
    expect(await read(join(directory, 'current.log'))).toBe('today');
  });

  test('when two sessions read it at once', async () => {
    const text = content(3 * MIB);
    const path = await file('shared.log', text);
    for (const got of await Promise.all([read(path), read(path)])) expect(got === text).toBe(true);
  });
});

describe('a configuration is refused', () => {
  const refused = (message: string) => ({ code: 'ERR_PLUGIN_INIT', plugin: 'file-source', message });

  test('without a file', async () => {
    await expect(open({})).rejects.toMatchObject(refused('no file is configured: set input-path (io)'));
  });

  test('with several files', async () => {
    const paths = [await file('one.log', '1'), await file('two.log', '2')];
    await expect(open({ 'input-path': paths })).rejects.toMatchObject(
      refused('input-path names 2 files, but exactly one can be read (config)'),
    );
  });

  test('with a file that is missing', async () => {
    const path = join(directory, 'no such.log');
    await expect(open({ 'input-path': [path] })).rejects.toMatchObject(
      refused(`cannot open '${path}': there is no such file or directory (io)`),
    );
  });

  test('with a directory', async () => {
    const path = join(directory, 'below');
    await expect(open({ 'input-path': [path] })).rejects.toMatchObject(
      refused(`cannot open '${path}': it is a directory (io)`),
    );
  });

  test('with a link that leads out of its directory, to a file that was not granted', async () => {
    const secret = await file('secret.log', 'secret');
    const path = join(directory, 'below', 'way-out.log');
    for (const target of [secret, '../secret.log']) {
      await rm(path, { force: true });
      await symlink(target, path);
      for (const options of [{}, { grants: { parents: true } }]) {
        await expect(open({ 'input-path': [path] }, options)).rejects.toMatchObject(
          refused(`cannot open '${path}': it is not permitted (io)`),
        );
      }
    }
  });
});

describe('a file that is changed while it is read', () => {
  const OLD = Array.from({ length: 200_000 }, (_, i) => `old ${i}`);
  const text = (lines: readonly string[]) => `${lines.join('\n')}\n`;

  /** What is delivered of a file that is changed when the first of it was, and what ends it early. */
  async function changed(name: string, change: (path: string) => Promise<unknown>) {
    const path = await file(name, text(OLD));
    const small = { ring: { slots: 2, slotBytes: 65_536 } };
    const session = await IngestSession.open({
      component: parser,
      pool,
      source: { component: source, plugin: 'file-source', config: { 'input-path': [path] }, ...small },
      window: { bytes: 50_000 },
      ...small,
    });
    const lines: string[] = [];
    const take = (batch: Iterable<{ readonly text: string }>) => {
      for (const item of batch) lines.push(item.text);
    };
    take((await session.batches().next()).value ?? []);
    await change(path);
    try {
      for await (const batch of session.batches()) take(batch);
    } catch (error) {
      return { lines, error };
    }
    return { lines, error: undefined };
  }

  test.each<[string, (path: string) => Promise<unknown>]>([
    ['renamed', (path) => rename(path, `${path}.1`)],
    ['replaced', (path) => writeFile(`${path}.new`, 'new').then(() => rename(`${path}.new`, path))],
  ])('is read on when it is %s', async (how, change) => {
    const { lines, error } = await changed(`${how}.log`, change);
    expect([error, lines.length]).toEqual([undefined, OLD.length]);
  });

  test('is read to its new end when it is appended to', async () => {
    const { lines, error } = await changed('appended.log', (path) => appendFile(path, 'more\n'));
    expect([error, lines.length, lines.at(-1)]).toEqual([undefined, OLD.length + 1, 'more']);
  });

  test.each<[string, (path: string) => Promise<unknown>, RegExp]>([
    ['cut', (path) => truncate(path, 10), /cannot read '.*' at byte \d+, since it changed: it was cut to 10 bytes/],
    ['written anew', (path) => writeFile(path, text(OLD.map((line) => `${line} new`))), /it was written anew \(io\)$/],
  ])('ends with an error when it is %s', async (how, change, message) => {
    const { lines, error } = await changed(`${how}.log`, change);
    expect(error).toMatchObject({ code: 'ERR_SOURCE_READ', message: expect.stringMatching(message) });
    expect(lines.length).toBeLessThan(OLD.length);
    expect(lines).toEqual(OLD.slice(0, lines.length));
  });

  test('is followed: what is appended is read, and when it is cut there is an error', async () => {
    const path = await file('followed.log', 'one\n');
    const session = await IngestSession.open({
      component: parser,
      pool,
      source: {
        component: source,
        plugin: 'file-source',
        config: { 'input-path': [path] },
        follow: { intervalMs: 1, maxEmptyReads: Number.POSITIVE_INFINITY },
      },
    });
    const next = async () => [...((await session.batches().next()).value ?? [])].map((item) => item.text);
    expect(await next()).toEqual(['one']);
    await appendFile(path, 'two\n');
    expect(await next()).toEqual(['two']);
    await truncate(path, 0);
    await expect(session.next()).rejects.toMatchObject({
      code: 'ERR_SOURCE_READ',
      message: expect.stringContaining('it was cut to 0 bytes, and had 8'),
    });
  });
});
