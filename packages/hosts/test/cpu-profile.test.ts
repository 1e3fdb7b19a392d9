import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type LogLine, ParserHost } from '@chipmunk-host/hosts';
import { keptPlugin } from '@chipmunk-host/test-plugins';
import { describe, expect, test } from 'vitest';
import { compileKept, readAll, setStage } from './support.js';

const stage = setStage();

/** Takes its time over each line, in a function that has a name. */
const SLOW = `
  import { Config, InitError, Input, Items, Parser, Version } from '@chipmunk-host/sdk/assembly';

  let sink: u32 = 0;

  function grind(rounds: u32): void {
    for (let i: u32 = 0; i < rounds; i++) sink = sink * 1664525 + i;
  }

  class Slow extends Parser {
    version(): Version {
      return new Version(1, 0, 0);
    }

    init(config: Config): InitError | null {
      return null;
    }

    parse(input: Input, out: Items): void {
      grind(100000000);
      out.line(input.start, input.length, input.length);
    }
  }

  export function create(): Parser {
    return new Slow();
  }
`;

interface Profile {
  readonly startTime: number;
  readonly endTime: number;
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

async function profilesIn(directory: string): Promise<Profile[]> {
  const names = await readdir(directory);
  expect(names.filter((name) => !name.endsWith('.cpuprofile'))).toEqual([]);
  return Promise.all(names.map(async (name) => JSON.parse(await readFile(join(directory, name), 'utf8')) as Profile));
}

describe('a profile of a worker', () => {
  test('is one that developer tools open, with the names of the functions of the plugin', async () => {
    const component = await keptPlugin({ kind: 'parser', name: 'slow', source: SLOW, debug: true });
    const cpuProfileDirectory = join(stage.directory, 'made', 'profiles');
    const source = { file: await stage.input('a line\n') };
    await readAll(await stage.open({ component: await compileKept(component), source, cpuProfileDirectory }));
    const [profile, ...others] = await profilesIn(cpuProfileDirectory);
    expect(others).toEqual([]);
    if (profile === undefined) throw new Error('there is no profile');
    // As https://chromedevtools.github.io/devtools-protocol/v8/Profiler/#type-Profile has it.
    const ids = new Set(profile.nodes.map(({ id }) => id));
    expect(profile.samples.every((id) => ids.has(id))).toBe(true);
    expect(profile.nodes.flatMap(({ children = [] }) => children).every((id) => ids.has(id))).toBe(true);
    expect(profile.timeDeltas).toHaveLength(profile.samples.length);
    expect(profile.endTime).toBeGreaterThan(profile.startTime);
    const wasm = profile.nodes.filter(({ callFrame }) => callFrame.url.startsWith('wasm:'));
    expect(wasm.map(({ callFrame }) => callFrame.functionName).join()).toMatch(/\bgrind\b/);
  });

  test('is made of each instance, and never in the place of another', async () => {
    const cpuProfileDirectory = join(stage.directory, 'several');
    const source = { file: await stage.input('line\n'.repeat(1000)) };
    const parallel = { instances: 2, boundary: 'newline', splitBytes: 1000 } as const;
    await readAll(await stage.open({ source, parallel, cpuProfileDirectory }));
    await readAll(await stage.open({ source, cpuProfileDirectory }));
    expect(await profilesIn(cpuProfileDirectory)).toHaveLength(3);
  });

  test('is written when the plugin fails, too', async () => {
    const cpuProfileDirectory = join(stage.directory, 'failed');
    const component = await keptPlugin({
      kind: 'parser',
      name: 'trap',
      source: SLOW.replace('grind(100000000);', 'unreachable();'),
    });
    const source = { file: await stage.input('a line\n') };
    const options = {
      component: await compileKept(component),
      source,
      cpuProfileDirectory,
      recovery: { maxRestarts: 0 },
    };
    await expect(readAll(await stage.open(options))).rejects.toMatchObject({ code: 'ERR_PLUGIN_TRAP' });
    expect(await profilesIn(cpuProfileDirectory)).toHaveLength(1);
  });

  test('that cannot be written is told of, and the session goes on', async () => {
    const cpuProfileDirectory = join(stage.directory, 'removed');
    const logs: LogLine[] = [];
    // More than the ring holds: the directory is gone before the worker can be done.
    const source = { file: await stage.input('line\n'.repeat(100_000)) };
    const ring = { slots: 2, slotBytes: 4096 };
    const session = await stage.open({ source, ring, cpuProfileDirectory, onLog: (line) => logs.push(line) });
    await rm(cpuProfileDirectory, { recursive: true });
    await readAll(session);
    expect(session.summary.status).toBe('completed');
    expect(logs.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^The profile of this thread could not be written: .*ENOENT/),
    ]);
  });

  test('is refused where nothing can be written, before anything is started', async () => {
    const cpuProfileDirectory = join(await stage.input('no directory'), 'profiles');
    const options = { component: stage.stringParser, pool: stage.pool, cpuProfileDirectory };
    await expect(ParserHost.open(options)).rejects.toMatchObject({
      code: 'ERR_INVALID_OPTION',
      message: expect.stringMatching(/cpuProfileDirectory is '.*', where nothing can be written: .*ENOTDIR/),
    });
  });
});
