import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PluginsManager } from '@chipmunk-host/manager';
import { beforeAll, describe, expect, test } from 'vitest';
import { pluginFolder, tree, versionIn } from './store-support.js';
import { setStage } from './support.js';

const stage = setStage();
const PROGRAM = join(import.meta.dirname, 'changing-program-fixture.mjs');
const SEED = Number(process.env.STORE_KILLS_SEED ?? 7);
/** Kills, and pairs of processes. `npm run long -- store-kills` does many. */
const KILLS = Number(process.env.STORE_KILLS ?? 16);
const PAIRS = Math.ceil(KILLS / 3);
/** Trials that run beside each other, each in a plugins directory of its own. */
const LANES = 3;
/** More steps than the longest operation has, so that kills hit all of each. */
const MAX_STEPS = 250;
const MINUTES = 60_000;

/** What is ours in a plugins directory when nothing is left over. */
const OWN = ['artefacts', 'cache.json', 'lock', 'previous', 'staging', 'state.json'];

interface Line {
  readonly begin?: string;
  readonly version?: string;
  readonly done?: string;
  readonly failed?: string;
  readonly code?: string;
  readonly ready?: boolean;
  readonly warning?: string;
}

/** The version that is installed, and the one that a rollback would bring back. */
interface Versions {
  readonly installed: string | undefined;
  readonly previous: string | undefined;
}

let sources = '';
beforeAll(async () => {
  sources = await stage.folder('sources');
  for (const version of ['one', 'two']) await pluginFolder(join(sources, version), 'x', version);
});

/** A plugins directory whose cache knows both versions, as of two other plugins: no program has to start a worker. */
async function newRoot(name: string): Promise<string> {
  const root = await stage.folder(name);
  for (const version of ['one', 'two']) await pluginFolder(join(root, 'parsers'), `keep-${version}`, version);
  await mkdir(join(root, 'bytesources'));
  await using manager = await PluginsManager.open({ directory: root, bundled: false });
  expect(manager.plugins()).toMatchObject([{ state: 'valid' }, { state: 'valid' }]);
  return root;
}

function start(root: string, seed: number, operations: number, killAt: number): ChildProcess {
  const parameters = [PROGRAM, root, sources, seed, operations, killAt].map(String);
  return spawn(process.execPath, parameters, { stdio: ['pipe', 'pipe', 'pipe'] });
}

/** What a program says until it ends. @param onLine gets each line and its number */
async function linesOf(child: ChildProcess, onLine: (line: Line, n: number) => void = () => {}) {
  const lines: Line[] = [];
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk;
  });
  createInterface(child.stdout ?? expect.fail('no output')).on('line', (text) => {
    const line = JSON.parse(text) as Line;
    onLine(line, lines.push(line));
  });
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { lines, errors, code, signal };
}

/** What a kill in the last operation may have left: the state before it, or the one after. */
function possibleAfter(before: Versions, lines: readonly Line[]): readonly Versions[] {
  let now = before;
  let last: Line | undefined;
  for (const line of lines) {
    if (line.begin !== undefined) last = line;
    if (line.done !== undefined) now = after(now, last);
    if (line.done !== undefined || line.failed !== undefined) last = undefined;
  }
  return last === undefined ? [now] : [now, after(now, last)];
}

function after(now: Versions, { begin, version }: Line = {}): Versions {
  const { installed, previous } = now;
  switch (begin) {
    case 'add':
      if (installed === undefined) return { installed: version, previous: undefined };
      return installed === version ? now : { installed: version, previous: installed };
    case 'update':
      return installed === undefined || installed === version ? now : { installed: version, previous: installed };
    case 'rollback':
      return installed === undefined || previous === undefined ? now : { installed: previous, previous: installed };
    case 'remove':
      return { installed: undefined, previous: undefined };
    default:
      return now;
  }
}

/** Opens the directory as the next program would, and tells what is there; nothing is left over. */
async function stateOf(root: string): Promise<Versions> {
  const warnings: string[] = [];
  await using manager = await PluginsManager.open({
    directory: root,
    bundled: false,
    onWarning: (warning) => warnings.push(warning),
  });
  const installed = await versionIn(join(root, 'parsers', 'x'));
  const listed = manager.plugins().map(({ name, title, state }) => [name, title, state]);
  const own = installed === undefined ? [] : [['x', installed, 'valid']];
  expect(listed).toEqual([['keep-one', 'one', 'valid'], ['keep-two', 'two', 'valid'], ...own]);
  expect(warnings).toEqual([]);
  expect(await tree(join(root, '.chipmunk-host', 'staging'))).toEqual([]);
  expect(await tree(join(root, '.chipmunk-host', 'lock'))).toEqual([]);
  expect((await readdir(join(root, '.chipmunk-host'))).filter((name) => !OWN.includes(name))).toEqual([]);
  expect((await readdir(join(root, 'parsers'))).filter((name) => name !== 'x')).toEqual(['keep-one', 'keep-two']);
  const previous = await versionIn(join(root, '.chipmunk-host', 'previous', 'parsers', 'x'));
  return { installed, previous };
}

/** Numbers from 0 on, dealt to as many lanes as run at once; the first failure ends all. */
async function inLanes(count: number, trial: (n: number, root: string) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (root: string) => {
    for (let n = next++; n < count; n = next++) {
      try {
        await trial(n, root);
      } catch (error) {
        next = count;
        throw new Error(`trial ${n} with STORE_KILLS_SEED=${SEED} in ${root}`, { cause: error });
      }
    }
  };
  await Promise.all(Array.from({ length: LANES }, async (_, n) => lane(await newRoot(`lane-${count}-${n}`))));
}

describe(`plugins are wholly there or wholly absent, with STORE_KILLS_SEED=${SEED}`, () => {
  test(
    `after ${KILLS} kills while they are added, updated, rolled back, removed and reloaded`,
    async () => {
      const cutOff = new Map<string, number>();
      const states = new Map<string, Versions>();
      await inLanes(KILLS, async (n, root) => {
        const seed = SEED * 1000 + n;
        // Three of four kill themselves at a step, of which any is as likely; one is killed from outside at any time.
        const step = 1 + ((Math.imul(seed, 2654435761) >>> 0) % MAX_STEPS);
        const fromOutside = n % 4 === 3;
        const child = start(root, seed, 0, fromOutside ? 0 : step);
        const { lines, errors, signal } = await linesOf(child, (_, count) => {
          if (fromOutside && count > step % 20) child.kill('SIGKILL');
        });
        expect({ errors, signal }).toEqual({ errors: '', signal: 'SIGKILL' });
        expect(lines.flatMap(({ warning }) => warning ?? [])).toEqual([]);
        const before = states.get(root) ?? { installed: undefined, previous: undefined };
        const now = await stateOf(root);
        expect(possibleAfter(before, lines)).toContainEqual(now);
        states.set(root, now);
        const last = lines.at(-1)?.begin ?? 'between';
        cutOff.set(last, (cutOff.get(last) ?? 0) + 1);
      });
      // Kills that all fell between operations would show nothing; fewer kills may miss the short ones by chance.
      if (KILLS >= 300)
        expect([...cutOff.keys()]).toEqual(expect.arrayContaining(['add', 'update', 'remove', 'reload']));
      expect([...cutOff.keys()].filter((operation) => operation !== 'between')).not.toEqual([]);
    },
    15 * MINUTES,
  );

  test(
    `after ${PAIRS} times two processes that change them at once, and of which one may be killed`,
    async () => {
      await inLanes(PAIRS, async (n, root) => {
        const seed = SEED * 1000 + 500 + 2 * n;
        const killAt = n % 2 === 0 ? 0 : 1 + ((Math.imul(seed, 2654435761) >>> 0) % MAX_STEPS);
        const children = [start(root, seed, 4, killAt), start(root, seed + 1, 4, 0)];
        // They begin together.
        const ready = children.map(() => deferred());
        const ends = children.map((child, i) => linesOf(child, (line) => line.ready === true && ready[i]?.resolve()));
        await Promise.race([Promise.all(ready.map(({ promise }) => promise)), Promise.all(ends)]);
        for (const child of children) child.stdin?.end('go');
        for (const [i, { lines, errors, code, signal }] of (await Promise.all(ends)).entries()) {
          const wasKilled = i === 0 && killAt > 0 && signal === 'SIGKILL';
          expect({ errors, code, lines }).toEqual({ errors: '', code: wasKilled ? null : 0, lines });
          expect(lines.flatMap(({ warning }) => warning ?? [])).toEqual([]);
        }
        await stateOf(root);
      });
    },
    15 * MINUTES,
  );
});

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
