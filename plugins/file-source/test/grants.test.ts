// A plugin that is configured with one file and opens another: what the guest library and the host make of that together.

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ByteSourceHost, type ByteSourceHostOptions, createParserPool } from '@chipmunk-host/hosts';
import { type CompiledComponent, compile } from '@chipmunk-host/runtime';
import type { WorkerPool } from '@chipmunk-host/runtime/internal';
import { buildPlugin } from '@chipmunk-host/sdk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** Says in its refusal what it found: what `path` names, while only what is in `granted` and `trees` was granted. */
const PROBE = `
import { ByteSource, Config, File, InitError, Output, readDirectory, Schema, Version } from '@chipmunk-host/sdk/assembly';
class Probe extends ByteSource {
  version(): Version { return new Version(1, 0, 0); }
  schemas(): Schema[] {
    return [
      Schema.files('granted', 'Granted'),
      Schema.directories('trees', 'Trees'),
      Schema.text('path', 'Path'),
      Schema.boolean('list', 'List'),
    ];
  }
  init(config: Config): InitError | null {
    const path = config.text('path');
    if (config.boolean('list')) {
      const directory = readDirectory(path);
      if (directory.error !== null) return InitError.io(directory.error!);
      return InitError.other(directory.entries.map<string>((entry) => entry.name).sort().join(' '));
    }
    const result = File.open(path);
    if (result.error !== null) return InitError.io(result.error!);
    const file = result.file!;
    const bytes = new Uint8Array(100);
    const count = file.read(bytes.dataStart, 100, 0);
    const text = String.UTF8.decodeUnsafe(bytes.dataStart, count);
    const size = file.size.toString();
    file.close();
    return InitError.other(text + ' of ' + size);
  }
  read(length: usize, out: Output): void {}
}
export function create(): ByteSource { return new Probe(); }
`;

let pool: WorkerPool;
let component: CompiledComponent;
let directory: string;
beforeAll(async () => {
  pool = createParserPool();
  component = await compile((await buildPlugin({ kind: 'bytesource', name: 'probe', source: PROBE })).component);
  directory = await mkdtemp(join(tmpdir(), 'file-source-test-'));
  await mkdir(join(directory, 'tree/deep'), { recursive: true });
  await writeFile(join(directory, 'granted.log'), 'granted');
  await writeFile(join(directory, 'other.log'), 'other');
  await writeFile(join(directory, 'tree/deep/leaf.log'), 'leaf');
});
afterAll(async () => {
  await pool.close();
  await rm(directory, { recursive: true, force: true });
});

interface Asked {
  readonly path: string;
  readonly list?: boolean;
  readonly parents?: boolean;
}

/** What the probe finds, by a path below the directory of the test, with `granted.log` and `tree` configured. */
async function found({ path, list = false, parents = false }: Asked, bindingsOnly: boolean): Promise<string> {
  const options: Partial<ByteSourceHostOptions> = { grants: { parents }, bindingsOnly };
  await using host = await ByteSourceHost.open({ component, pool, plugin: 'probe', ...options });
  const config = {
    granted: [join(directory, 'granted.log')],
    trees: [join(directory, 'tree')],
    path: path.startsWith('/') || path === '' ? path : `${directory}/${path}`,
    list,
  };
  const error: unknown = await host.init(config).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'ERR_PLUGIN_INIT' });
  return error instanceof Error ? error.message : '';
}

const NOT_THERE = 'there is no such file or directory (io)';
const NOT_GRANTED = 'it lies in no directory that was granted (io)';

describe.each([
  ['directly', false],
  ['through the bindings', true],
])('a plugin that is called %s', (_, bindingsOnly) => {
  test.each<[string, Asked, string]>([
    ['reads the file that was configured', { path: 'granted.log' }, 'granted of 7 (other)'],
    ['reads what lies below a directory', { path: 'tree/deep/leaf.log' }, 'leaf of 4 (other)'],
    ['may take a way round', { path: 'tree/deep/../../tree/deep/leaf.log' }, 'leaf of 4 (other)'],
    ['does not see what lies beside it', { path: 'other.log' }, NOT_THERE],
    ['sees that if it is granted', { path: 'other.log', parents: true }, 'other of 5 (other)'],
    ['does not climb out', { path: '../../etc/hostname', parents: true }, 'it is not permitted (io)'],
    ['does not open other places', { path: '/etc/hostname', parents: true }, NOT_GRANTED],
    ['does not open the root', { path: '/' }, NOT_GRANTED],
    ['does not open a path that is empty', { path: '' }, NOT_GRANTED],
    ['does not open a name with a NUL', { path: 'granted.log\0' }, 'the host finds the request invalid (io)'],
    ['lists what was granted', { path: '.', list: true }, 'granted.log tree (other)'],
    ['lists a directory', { path: 'tree/deep', list: true }, 'leaf.log (other)'],
    ['does not list what is not there', { path: 'no', list: true }, NOT_THERE],
    ['does not list other places', { path: '/etc', list: true }, NOT_GRANTED],
  ])('%s', async (_, asked, answer) => {
    expect(await found(asked, bindingsOnly)).toBe(answer);
  });
});
