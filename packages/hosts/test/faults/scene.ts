/**
 * Where faults are acted out: one pool, a faulty plugin, and what is checked after each act, alone and beside a healthy
 * session: nothing is left over, and the pool serves the next session.
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { IngestOptions, SessionSummary, StreamRecord } from '@chipmunk-host/hosts';
import type { CompiledComponent, PluginError } from '@chipmunk-host/runtime';
import { beforeAll, expect, test, vi } from 'vitest';
import { compileKept, readAll, referenceLines, type Stage, setStage } from '../support.js';
import { faultyPlugin } from './faulty-plugin.mjs';
import { type WatPlugin, watPlugin } from './wat-plugin.js';

const HEALTHY_LINES = 20_000;
const HEALTHY = Buffer.from(
  Array.from({ length: HEALTHY_LINES }, (_, i) => `line ${i} of the healthy session\n`).join(''),
);
const NEXT = 'the next session\nhas two lines';
/** What a thread or a port that is on its way out may take to go, in milliseconds: much, for slow machines. */
const PATIENCE_MS = 10_000;
/**
 * Where a thread is ended, Piscina starts another one, and so may the task that goes on: the one too many is idle for 30 s. A thread that is
 * lost for each of two acts is seen.
 */
const SPARE_THREADS = 1;
/**
 * So many may be open more than before: Node opens some of its own when it first needs them, and a time limit can end a thread
 * between the machine's answer and its note.
 */
const FEW_DESCRIPTORS = 16;

type SceneOptions = Partial<Omit<IngestOptions, 'source'>>;

/** What came of a session. */
export interface Outcome {
  /** The items' texts, in order. */
  readonly texts: readonly string[];
  /** The items' times. */
  readonly times: readonly (bigint | undefined)[];
  /** The items' places in the input. */
  readonly places: readonly { readonly offset: number; readonly length: number }[];
  readonly records: readonly StreamRecord[];
  readonly gaps: readonly StreamRecord[];
  /** What `open` or the iteration threw. */
  readonly error: PluginError | undefined;
  readonly summary: SessionSummary | undefined;
}

export interface Scene extends Stage {
  faulty: CompiledComponent;
  ingest(content: string | Uint8Array, options?: SceneOptions): Promise<Outcome>;
  wat(plugin: WatPlugin): Promise<CompiledComponent>;
}

interface Leavings {
  readonly threads: number;
  readonly ports: number;
  readonly descriptors: number;
}

let before: Leavings = { threads: 0, ports: 0, descriptors: 0 };
let temporary = '';

export function setScene(): Scene {
  const scene = setStage() as Scene;
  beforeAll(async () => {
    // A directory of its own for temporary files: other processes make theirs meanwhile.
    temporary = join(scene.directory, 'tmp');
    mkdirSync(temporary);
    process.env.TMPDIR = temporary;
    scene.faulty = await compileKept(await faultyPlugin());
    scene.wat = (plugin) => compileOnce(plugin);
    scene.ingest = (content, options = {}) => ingest(scene, content, options);
    // Two sessions at once, and files in all threads of Node's own pool: the most that an act and its neighbour need.
    await Promise.all([
      healthySession(scene),
      healthySession(scene),
      ...Array.from({ length: 16 }, () => readdir('.')),
    ]);
    before = leavings();
  });
  return scene;
}

/** Two tests: the act alone, and beside a healthy session that must finish with exactly its items. */
export function fault(scene: Scene, name: string, act: () => Promise<void>): void {
  test(name, async () => {
    await act();
    await nothingIsLeft(scene);
  });
  test(`${name}, beside a healthy session`, async () => {
    await Promise.all([healthySession(scene), act()]);
    await nothingIsLeft(scene);
  });
}

/** For the act alone and for the one beside a healthy session. */
const watPlugins = new Map<string, Promise<CompiledComponent>>();

function compileOnce(plugin: WatPlugin): Promise<CompiledComponent> {
  const key = JSON.stringify(plugin);
  const known = watPlugins.get(key) ?? watPlugin(plugin).then((bytes) => compileKept(bytes));
  watPlugins.set(key, known);
  return known;
}

async function ingest(scene: Scene, content: string | Uint8Array, options: SceneOptions): Promise<Outcome> {
  const texts: string[] = [];
  const times: (bigint | undefined)[] = [];
  const places: { offset: number; length: number }[] = [];
  const records: StreamRecord[] = [];
  const outcome = (error?: unknown, summary?: SessionSummary): Outcome => ({
    texts,
    times,
    places,
    records,
    gaps: records.filter(({ type }) => type === 'gap'),
    error: error as PluginError | undefined,
    summary,
  });
  const source = { file: await scene.input(content) };
  let accounted = 0;
  let session: Awaited<ReturnType<Stage['open']>>;
  try {
    session = await scene.open({ component: scene.faulty, plugin: 'the-plugin', source, ...options });
  } catch (error) {
    return outcome(error);
  }
  try {
    for await (const element of session) {
      expect(element.offset).toBe(accounted);
      accounted += element.consumedBytes;
      if (element.type !== 'batch') {
        records.push(element.toJSON());
        continue;
      }
      for (const { text, time, offset, length } of element) {
        texts.push(text);
        times.push(time);
        places.push({ offset, length });
      }
    }
  } catch (error) {
    return outcome(error, session.summary);
  }
  expect(session.summary).toMatchObject({ status: 'completed', bytes: accounted, items: texts.length });
  return outcome(undefined, session.summary);
}

export async function healthySession(scene: Stage): Promise<void> {
  const source = { file: await scene.input(HEALTHY) };
  const rows = await readAll(await scene.open({ source, ring: { slots: 2, slotBytes: 65_536 } }));
  expect(rows.length).toBe(HEALTHY_LINES);
  expect(rows).toEqual(referenceLines(HEALTHY));
}

export async function nothingIsLeft(scene: Stage): Promise<void> {
  const rows = await readAll(await scene.open({ source: { file: await scene.input(NEXT) } }));
  expect(rows).toEqual(referenceLines(Buffer.from(NEXT)));
  await vi.waitFor(
    () => {
      const { threads, ports, descriptors } = leavings();
      expect(threads, 'threads').toBeLessThanOrEqual(before.threads + SPARE_THREADS);
      expect(ports, 'ports').toBeLessThanOrEqual(before.ports);
      expect(descriptors, 'descriptors').toBeLessThan(before.descriptors + FEW_DESCRIPTORS);
      expect(readdirSync(temporary), 'temporary files').toEqual([]);
    },
    { timeout: PATIENCE_MS },
  );
}

/** Threads and descriptors of this process (only where /proc tells), and ports that keep it alive. */
function leavings(): Leavings {
  const count = (folder: string) => (existsSync(folder) ? readdirSync(folder).length : 0);
  return {
    threads: count('/proc/self/task'),
    descriptors: count('/proc/self/fd'),
    ports: process.getActiveResourcesInfo().filter((kind) => kind === 'MessagePort' || kind === 'Worker').length,
  };
}
