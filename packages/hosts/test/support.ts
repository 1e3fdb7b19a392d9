/** What the tests of sessions share: the string parser that we ship, a pool, and temporary files. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createParserPool, type IngestOptions, IngestSession, type StreamElement } from '@chipmunk-host/hosts';
import { type CompiledComponent, type CompileOptions, compile } from '@chipmunk-host/runtime';
import type { WorkerInstance, WorkerPool } from '@chipmunk-host/runtime/internal';
import { afterAll, beforeAll } from 'vitest';

export const STRING_PARSER = createRequire(import.meta.url).resolve('@chipmunk-host/string-parser/string-parser.wasm');

const COMPILED = join(import.meta.dirname, '..', 'node_modules', '.cache', 'components');

/** Compiles a component with what is kept of it on disk: to transpile it takes most of the time of a short test. */
export function compileKept(component: Uint8Array, options: CompileOptions = {}): Promise<CompiledComponent> {
  return compile(component, { cacheDirectory: COMPILED, ...options });
}

/** What a test file has at hand; made before its first test and removed behind its last. */
export interface Stage {
  pool: WorkerPool;
  stringParser: CompiledComponent;
  directory: string;
  /** Writes an input and returns its path. */
  input(content: Uint8Array | string): Promise<string>;
  open(options: Partial<IngestOptions> & { source: { file: string } }): Promise<IngestSession>;
}

export function setStage(): Stage {
  const stage = {} as Stage;
  let inputs = 0;
  beforeAll(async () => {
    stage.directory = await mkdtemp(join(tmpdir(), 'hosts-test-'));
    stage.pool = createParserPool();
    stage.stringParser = await compileKept(readFileSync(STRING_PARSER));
    stage.input = async (content) => {
      const path = join(stage.directory, `input-${inputs++}`);
      await writeFile(path, content);
      return path;
    };
    stage.open = (options) => IngestSession.open({ component: stage.stringParser, pool: stage.pool, ...options });
  });
  afterAll(async () => {
    await stage.pool.close();
    await rm(stage.directory, { recursive: true, force: true });
  });
  return stage;
}

export interface Row {
  readonly offset: number;
  readonly length: number;
  readonly columns: readonly string[];
}

/** All items of a session, which is then at its end. Checks that every byte of the input is accounted for, in order. */
export async function readAll(session: IngestSession): Promise<Row[]> {
  const rows: Row[] = [];
  let offset = 0;
  for await (const element of session) {
    requireAt(element, offset);
    offset += element.consumedBytes;
    if (element.type !== 'batch') continue;
    for (const item of element) rows.push({ offset: item.offset, length: item.length, columns: item.columns });
  }
  return rows;
}

function requireAt({ offset: at, type }: StreamElement, offset: number): void {
  if (at !== offset) throw new Error(`a ${type} begins at byte ${at}, what came before ended at ${offset}`);
}

/** The plain reference: rows end at LF, one CR before it is not part of them, an unterminated last row counts. */
export function referenceLines(content: Uint8Array): Row[] {
  const rows: Row[] = [];
  for (let start = 0; start < content.length; ) {
    const lf = content.indexOf(10, start);
    const end = lf === -1 ? content.length : lf + 1;
    const textEnd = lf === -1 ? end : lf > start && content[lf - 1] === 13 ? lf - 1 : lf;
    const text = Buffer.from(content.subarray(start, textEnd)).toString('utf8');
    // The byte order mark of the input belongs to the first line, and not to its text.
    const shown = start === 0 ? text.replace(/^\ufeff/, '') : text;
    rows.push({ offset: start, length: end - start, columns: [shown] });
    start = end;
  }
  return rows;
}

/** A pool, and the instances that sessions start in its reserved workers. */
export function watched(pool: WorkerPool) {
  const instances: WorkerInstance<{ close(): void }>[] = [];
  const reserve: WorkerPool['reserve'] = async (...args) => {
    const reservation = await pool.reserve(...args);
    const start = reservation.start.bind(reservation);
    reservation.start = async (...parts) => {
      const instance = await start(...parts);
      instances.push(instance as never);
      return instance as never;
    };
    return reservation;
  };
  return {
    pool: new Proxy(pool, { get: (target, name) => (name === 'reserve' ? reserve : Reflect.get(target, name)) }),
    instances,
  };
}

/** How often this process has a file open. Linux only. */
export function descriptorsOf(file: string): number {
  const folder = '/proc/self/fd';
  return readdirSync(folder).filter((descriptor) => {
    try {
      return readlinkSync(`${folder}/${descriptor}`) === file;
    } catch {
      // That of the listing itself.
      return false;
    }
  }).length;
}
