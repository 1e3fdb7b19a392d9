/** What the tests share: a pool, the components compiled once, a directory, and a run of a session to its end. */
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type InteropPlugin, interopPlugin } from '@chipmunk-host/compat';
import {
  type Attachment,
  createParserPool,
  type IngestOptions,
  IngestSession,
  type ItemKind,
  type PluginLogLine,
  type SessionSummary,
  type SourceOptions,
  type StreamRecord,
} from '@chipmunk-host/hosts';
import { type CompiledComponent, compile, type HostError } from '@chipmunk-host/runtime';
import type { WorkerPool } from '@chipmunk-host/runtime/internal';
import { afterAll, beforeAll } from 'vitest';

export interface Row {
  readonly offset: number;
  readonly length: number;
  readonly kind: ItemKind;
  readonly columns: readonly string[];
  readonly attachment: Attachment | undefined;
}

/** What came of a session. */
export interface Outcome {
  readonly rows: readonly Row[];
  readonly records: readonly StreamRecord[];
  readonly gaps: readonly StreamRecord[];
  readonly logs: readonly PluginLogLine[];
  /** What `open` or the iteration threw. */
  readonly error: HostError | undefined;
  readonly summary: SessionSummary | undefined;
}

export type RunOptions = Partial<Omit<IngestOptions, 'source'>> & { readonly source?: SourceOptions };

export interface Stage {
  pool: WorkerPool;
  directory: string;
  plugin(name: InteropPlugin): Promise<CompiledComponent>;
  /** Writes a file below the directory, and returns its path. */
  file(name: string, content: Uint8Array | string): Promise<string>;
  /** Runs a plugin on an input, or with another source, to the end. */
  run(plugin: InteropPlugin, input: Uint8Array | string | undefined, options?: RunOptions): Promise<Outcome>;
}

export function setStage(): Stage {
  const stage = {} as Stage;
  const compiled = new Map<InteropPlugin, Promise<CompiledComponent>>();
  let inputs = 0;
  beforeAll(async () => {
    stage.directory = await mkdtemp(join(tmpdir(), 'interop-test-'));
    stage.pool = createParserPool();
    stage.plugin = (name) => {
      const known = compiled.get(name) ?? compile(readFileSync(interopPlugin(name)));
      compiled.set(name, known);
      return known;
    };
    stage.file = async (name, content) => {
      const path = join(stage.directory, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
      return path;
    };
    stage.run = async (plugin, input, options = {}) => {
      const source = options.source ?? { file: await stage.file(`input-${inputs++}`, input ?? '') };
      const component = options.component ?? (await stage.plugin(plugin));
      return toTheEnd({ pool: stage.pool, plugin, logLevel: 'trace', ...options, component, source });
    };
  });
  afterAll(async () => {
    await stage.pool.close();
    await rm(stage.directory, { recursive: true, force: true });
  });
  return stage;
}

/** Also checks that every byte of the input is accounted for, in order. */
async function toTheEnd(options: IngestOptions): Promise<Outcome> {
  const rows: Row[] = [];
  const records: StreamRecord[] = [];
  const logs: PluginLogLine[] = [];
  let session: IngestSession | undefined;
  let error: HostError | undefined;
  try {
    session = await IngestSession.open({ ...options, onLog: (record) => logs.push(record) });
    let offset = 0;
    for await (const element of session) {
      if (element.offset !== offset)
        throw new Error(`a ${element.type} begins at ${element.offset}, what came before ended at ${offset}`);
      offset += element.consumedBytes;
      if (element.type !== 'batch') {
        records.push(element.toJSON());
        continue;
      }
      for (const { offset, length, kind, columns, attachment } of element)
        rows.push({ offset, length, kind, columns, attachment });
    }
  } catch (thrown) {
    error = thrown as HostError;
  }
  const gaps = records.filter(({ type }) => type === 'gap');
  return { rows, records, gaps, logs, error, summary: session?.summary };
}

/** What was logged or written in one way, in order. */
export function said(outcome: Outcome, source: PluginLogLine['source']): string[] {
  return outcome.logs.filter((record) => record.source === source).map(({ message }) => message);
}

/** A session of another plugin, whose items are known. Run it beside what must not disturb it. */
export async function healthyNeighbour(stage: Stage): Promise<void> {
  const lines = Array.from({ length: 20_000 }, (_, i) => `line ${i} of the neighbour`);
  const { rows, error } = await stage.run('lines', `${lines.join('\n')}\n`, { config: { chatter: 'silent' } });
  if (error !== undefined) throw error;
  const texts = rows.map(({ columns }) => columns[1]);
  if (texts.length !== lines.length || texts.some((text, i) => text !== lines[i]))
    throw new Error(`the neighbour has other items than it should: ${texts.length} of ${lines.length}`);
}
