/** More about DLT: one file over two instances, and the command line beside `dlt-convert`, each as a whole process. */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { IngestSession, type WorkerPool } from '@chipmunk-host/hosts';
import type { CompiledComponent } from '@chipmunk-host/runtime';
import type { InputFiles } from '../input-file.js';
import { type Case, type Side, type SkippedCase, throughput } from '../suite.js';

const CHECKOUT = join(import.meta.dirname, '..', '..', '..', '..');
const CLI = join(CHECKOUT, 'packages/cli/bin/chipmunk-host.js');
const CONVERT = 'dlt-convert';
/** As in the plugin's metadata. */
const PATTERNS = ['44 4c 54 01', '44 4c 53 01'];
const MOST_SAMPLE_OUTPUT = 256 * 1024 * 1024;

export interface DltInput {
  readonly component: CompiledComponent;
  readonly windowBytes: number;
  readonly file: string;
  readonly bytes: number;
}

export function dltParallelCase(pool: WorkerPool, { component, windowBytes, file, bytes }: DltInput): Case {
  const side = (instances: number): Side => ({
    name: instances === 1 ? 'one instance' : 'two instances',
    async run() {
      const session = await IngestSession.open({
        component,
        pool,
        source: { file },
        window: { bytes: windowBytes },
        parallel: { instances, boundary: 'pattern', patterns: PATTERNS },
      });
      let offset = 0;
      for await (const batch of session.batches()) {
        if (batch.offset !== offset) throw new Error(`a batch begins at ${batch.offset}, not at ${offset}`);
        offset += batch.consumedBytes;
      }
      const { items, splits } = session.summary;
      // A guess may be wrong, or come too late, now and then.
      if (splits !== undefined && splits.parsedAgain > splits.parsedAhead / 10)
        throw new Error(`${splits.parsedAgain} parts were parsed again, and ${splits.parsedAhead} ahead`);
      return `${items} items of ${offset} bytes`;
    },
  });
  return { name: 'dlt-parallel', ...throughput(bytes), ours: side(2), baseline: side(1) };
}

/**
 * The text of all messages, as two programs write it into nothing. Their lines differ; there are as many.
 * @param sample a file of which both are compared first
 */
export async function dltConvertCase(
  files: InputFiles,
  { file, bytes }: Pick<DltInput, 'file' | 'bytes'>,
  sample: string,
): Promise<Case | SkippedCase> {
  const name = 'dlt-convert';
  const { error } = spawnSync(CONVERT, ['-h'], { stdio: 'ignore' });
  if (error !== undefined)
    return { name, reason: `'${CONVERT}' of Debian's dlt-tools cannot be run: ${error.message}` };
  const plugins = await files.directory('plugins');
  const ours = (path: string) => [
    process.execPath,
    CLI,
    'ingest',
    path,
    '-p',
    'dlt-parser',
    '--quiet',
    '--plugins-dir',
    plugins,
  ];
  const theirs = (path: string) => [CONVERT, '-a', path];
  const [made, expected] = [await linesOf(ours(sample)), await linesOf(theirs(sample))];
  if (made !== expected) throw new Error(`dlt-parser wrote ${made} lines, ${CONVERT} ${expected}`);
  return {
    name,
    ...throughput(bytes),
    maxRounds: 3,
    ours: processSide('chipmunk-host ingest -p dlt-parser, the whole process', ours(file)),
    baseline: processSide(`${CONVERT} -a, the whole process`, theirs(file)),
  };
}

function processSide(name: string, [program, ...args]: readonly string[]): Side {
  return {
    name,
    async run() {
      const [code] = await once(spawn(program as string, args, { stdio: 'ignore' }), 'exit');
      return `ended with ${code}`;
    },
  };
}

async function linesOf([program, ...args]: readonly string[]): Promise<number> {
  const { stdout } = await promisify(execFile)(program as string, args, {
    encoding: 'buffer',
    maxBuffer: MOST_SAMPLE_OUTPUT,
  });
  let lines = 0;
  for (let at = stdout.indexOf(10); at !== -1; at = stdout.indexOf(10, at + 1)) lines++;
  return lines;
}
