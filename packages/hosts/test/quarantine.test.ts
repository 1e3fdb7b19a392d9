import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type LogRecord, readQuarantine, replay } from '@chipmunk-host/hosts';
import { type CompiledComponent, compile } from '@chipmunk-host/runtime';
import { buildPlugin } from '@chipmunk-host/sdk';
import { beforeAll, describe, expect, test } from 'vitest';
import { setStage } from './support.js';

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
  const { component } = await buildPlugin({ kind: 'parser', name: 'touchy', source: SOURCE, debug: true });
  touchy = await compile(component);
});

describe('input on which a plugin fails', () => {
  test('is kept with all that is needed, for its owner only, and fails again in a replay', async () => {
    const directory = join(stage.directory, 'quarantine');
    const logs: LogRecord[] = [];
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

  test('that cannot be kept is a line of the log, no failure', async () => {
    const quarantineDirectory = join(await stage.input('a file'), 'below-it');
    const logs: string[] = [];
    const session = await stage.open({
      component: touchy,
      source: { file: await stage.input('!one\ntwo\n') },
      config: { bad: '!' },
      quarantineDirectory,
      onLog: ({ message }) => logs.push(message),
    });
    for await (const _ of session);
    expect(session.summary).toMatchObject({ status: 'completed', items: 1, gaps: 1 });
    expect(logs.join('\n')).toContain('cannot be kept');
  });

  test.each(['', 'text', '\x80', '\x81\xa6format\x02'])('the bytes %j are no quarantine file', async (content) => {
    const path = join(stage.directory, 'none.quarantine');
    await writeFile(path, Buffer.from(content, 'latin1'));
    await expect(readQuarantine(path)).rejects.toMatchObject({ code: 'ERR_QUARANTINE' });
  });
});
