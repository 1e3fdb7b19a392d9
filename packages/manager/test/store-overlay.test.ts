/** Plugins in a lower layer of an overlay file system, as in containers: folders there cannot be renamed, only copied. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { PluginsManager } from '@chipmunk-host/manager';
import { expect, test } from 'vitest';
import { pluginFolder } from './store-support.js';
import { setStage } from './support.js';

const stage = setStage();
const TRIALS = join(import.meta.dirname, 'overlay-trials-fixture.mjs');
/** Every so-manieth step of each change is a kill; `npm run long -- overlay` tries all. */
const EVERY = process.env.OVERLAY_EVERY ?? '12';

interface Trial {
  readonly operation: 'update' | 'rollback' | 'remove';
  readonly killAt: number;
  readonly signal: string | null;
  readonly errors: string;
  readonly warnings: readonly string[];
  readonly installed: string | null;
  readonly previous: string | null;
  readonly left: readonly string[];
}

const BEFORE = { installed: 'two', previous: 'one' };
const AFTER = {
  update: { installed: 'three', previous: 'two' },
  rollback: { installed: 'one', previous: 'two' },
  remove: { installed: null, previous: null },
};

test('are updated, brought back and removed there, and each is whole whenever the process is killed', async ({
  skip,
}) => {
  const folder = await stage.folder('overlay');
  const probe = [
    'mkdir l u w m && mkdir l/d && mount -t overlay overlay -o lowerdir=l,upperdir=u,workdir=w,userxattr m',
  ];
  const isolated = (args: readonly string[], cwd?: string) =>
    spawnSync('unshare', ['--map-root-user', '--mount', ...args], { encoding: 'utf8', cwd, maxBuffer: 1 << 26 });
  const mounting = isolated(['sh', '-c', ...probe], folder);
  if (mounting.status !== 0) skip(`overlays cannot be mounted here: ${mounting.error?.message ?? mounting.stderr}`);

  const lower = await stage.folder('lower');
  const sources: string[] = [];
  for (const version of ['one', 'two', 'three'])
    sources.push(await pluginFolder(await stage.folder('sources', version), 'x', version));
  {
    await using manager = await PluginsManager.open({ directory: lower, bundled: false });
    // Looked into once, so that no process that is killed has to.
    await manager.add(sources[2] ?? '');
    await manager.remove('x');
    await manager.add(sources[0] ?? '');
    await manager.update(sources[1] ?? '');
  }
  const { stdout, stderr, status } = isolated([process.execPath, TRIALS, folder, lower, sources[2] ?? '', EVERY]);
  expect(status, stderr).toBe(0);
  const trials = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Trial);
  for (const trial of trials) {
    const { operation, killAt, installed, previous } = trial;
    expect(trial).toMatchObject({ left: [], warnings: [] });
    if (killAt === 0) expect(trial).toMatchObject({ signal: null, errors: '', ...AFTER[operation] });
    else {
      expect(trial.signal).toBe('SIGKILL');
      expect([BEFORE, AFTER[operation]], JSON.stringify(trial)).toContainEqual({ installed, previous });
    }
  }
  // Otherwise nothing was copied.
  expect(trials.length).toBeGreaterThan(5);
}, 180_000);
