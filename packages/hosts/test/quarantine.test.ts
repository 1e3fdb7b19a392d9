import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type IngestOptions, type LogLine, readQuarantine, replay } from '@chipmunk-host/hosts';
import type { CompiledComponent } from '@chipmunk-host/runtime';
import { keptPlugin } from '@chipmunk-host/test-plugins';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileKept, setStage } from './support.js';

/** Takes lines; one that begins with what its configuration says is too much for it. */
const SOURCE = `
import { Config, InitError, Input, Items, Parser, Schema, Version } from '@chipmunk-host/sdk/assembly';
class Touchy extends Parser {
  private bad: u8 = 0;
  version(): Version { return new Version(1, 0, 0); }
  schemas(): Schema[] { return [Schema.text('bad', 'First character of lines that are too much')]; }
  init(config: Config): InitError | null {
    this.bad = <u8>config.text('bad').charCodeAt(0);
    return null;
  }
  parse(input: Input, out: Items): void {
    let line = input.start;
    for (let at = line; at < input.end; at++) {
      if (load<u8>(at) != 10) continue;
      if (load<u8>(line) == this.bad) unreachable();
      out.line(line, at - line, at + 1 - line);
      line = at + 1;
    }
  }
}
export function create(): Parser { return new Touchy(); }
`;

const stage = setStage();
let touchy: CompiledComponent;
beforeAll(async () => {
  const component = await keptPlugin({ kind: 'parser', name: 'touchy', source: SOURCE, debug: true });
  touchy = await compileKept(component);
});

describe('input on which a plugin fails', () => {
  test('is kept with all that is needed, for its owner only, and fails again in a replay', async () => {
    const directory = join(stage.directory, 'quarantine');
    const logs: LogLine[] = [];
    const session = await stage.open({
      component: touchy,
      plugin: '/plugins/touchy.wasm',
      source: { file: await stage.input('one\n!two\nthree\n!four\n') },
      config: { bad: '!' },
      quarantineDirectory: directory,
      onLog: (record) => logs.push(record),
    });
    for await (const _ of session);
    expect(session.summary).toMatchObject({ status: 'completed', items: 2, gaps: 2 });

    const files = (await readdir(directory)).sort();
    expect(files).toEqual(
      ['15', '4'].map((at) => `_plugins_touchy.wasm-${touchy.hash.slice(0, 12)}-at-${at}.quarantine`),
    );
    const path = join(directory, files[1] ?? '');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(logs.filter(({ source }) => source === 'host').map(({ message }) => message)).toContainEqual(
      expect.stringContaining(path),
    );

    const quarantined = await readQuarantine(path);
    expect(quarantined).toMatchObject({ offset: 4, hash: touchy.hash, error: { code: 'ERR_PLUGIN_TRAP' } });
    expect(Buffer.from(quarantined.input).toString()).toBe('!two\n');
    const outcome = await replay(quarantined, { component: touchy, pool: stage.pool });
    expect(outcome).toMatchObject({ items: 0, samePlugin: true, error: { code: 'ERR_PLUGIN_TRAP' } });
  });

  test('that ends a session without recovery is kept, too', async () => {
    const quarantineDirectory = join(stage.directory, 'ends');
    const session = await stage.open({
      component: touchy,
      source: { file: await stage.input('!one\n') },
      config: { bad: '!' },
      recovery: { maxRestarts: 0 },
      quarantineDirectory,
    });
    await expect(session.next()).rejects.toMatchObject({ code: 'ERR_PLUGIN_TRAP' });
    expect((await readdir(quarantineDirectory)).length).toBe(1);
  });

  test('is counted in the summary', async () => {
    const session = await open('!one\ntwo\n', join(stage.directory, 'counted'));
    for await (const _ of session);
    const quarantine = { kept: 1, skipped: 0, failed: 0, firstFailure: undefined };
    expect(session.summary).toMatchObject({ status: 'completed', quarantine });
    const without = await stage.open({ component: touchy, source: { file: await stage.input('one\n') } });
    for await (const _ of without);
    expect(without.summary).not.toHaveProperty('quarantine');
  });

  test('never takes the place of other input that was kept', async () => {
    const directory = join(stage.directory, 'same-names');
    for (const content of ['!one\n', '!two\n', '!one\n']) for await (const _ of await open(content, directory));
    const files = await readdir(directory);
    const kept = await Promise.all(files.map(async (file) => (await readQuarantine(join(directory, file))).input));
    expect(kept.map((input) => Buffer.from(input).toString()).sort()).toEqual(['!one\n', '!two\n']);
  });

  test('that cannot be kept later is a line of the log, and counted with its reason', async () => {
    const directory = join(stage.directory, 'removed');
    let release: () => void = () => {};
    const removed = new Promise<void>((resolve) => {
      release = resolve;
    });
    const logs: string[] = [];
    const session = await open('', directory, {
      source: {
        stream: (async function* () {
          await removed;
          yield Buffer.from('!one\ntwo\n!three\n');
        })(),
      },
      onLog: ({ message }) => logs.push(message),
    });
    await rm(directory, { recursive: true });
    release();
    for await (const _ of session);
    const reason = expect.stringMatching(/^Input .* cannot be kept in '.*removed': ENOENT/);
    const quarantine = { kept: 0, skipped: 0, failed: 2, firstFailure: reason };
    expect(session.summary).toMatchObject({ status: 'completed', items: 1, gaps: 2, quarantine });
    expect(logs).toContainEqual(reason);
  });

  test('where nothing can be written is an error at the start', async () => {
    const file = await stage.input('a file');
    const missing = process.platform === 'linux' ? ['/proc/q', '/proc/q/below', '/proc/self/q'] : [];
    for (const directory of [file, join(file, 'below-it'), ...missing])
      await expect(open('one\n', directory)).rejects.toMatchObject({
        code: 'ERR_QUARANTINE',
        message: expect.stringContaining(`cannot be kept in '${directory}'`),
      });
  });

  test.each(['', 'text', '\x80', '\x81\xa6format\x02'])('the bytes %j are no quarantine file', async (content) => {
    const path = join(stage.directory, 'none.quarantine');
    await writeFile(path, Buffer.from(content, 'latin1'));
    await expect(readQuarantine(path)).rejects.toMatchObject({ code: 'ERR_QUARANTINE' });
  });
});

function open(content: string, quarantineDirectory: string, options: Partial<IngestOptions> = {}) {
  const common = { component: touchy, config: { bad: '!' }, quarantineDirectory };
  return stage.input(content).then((file) => stage.open({ ...common, source: { file }, ...options } as never));
}
