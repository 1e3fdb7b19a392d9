/** The command line against a script, as whole processes that write a file: what a user waits for. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { InputFiles } from '../input-file.js';
import { type Case, type Outcome, type Side, type SkippedCase, throughput } from '../suite.js';

const TIMES = 4;
const OUTPUT_SHARE = 1.5;
const PROGRAM = 'packages/cli/bin/chipmunk-host.js';
const CHECKOUT = join(import.meta.dirname, '..', '..', '..', '..');
const SCRIPT = join(import.meta.dirname, '..', 'readline-script.js');
/** The root of another checkout of this project, built: measured beside this one. */
const OLDER_CHECKOUT = process.env.OLDER_CHECKOUT;

/**
 * @param text whole lines; the input is four times as long
 * @returns the case, or why it cannot be measured here
 */
export async function processCase(files: InputFiles, text: Uint8Array): Promise<Case | SkippedCase> {
  const name = 'ndjson-process';
  const bytes = text.length * TIMES;
  const needed = bytes * (1 + OUTPUT_SHARE);
  const free = await files.freeBytes();
  if (free < needed) return { name, reason: `${free} bytes are free for temporary files; it needs ${needed}` };
  const input = await files.write('long.log', text, TIMES);
  const { figure } = throughput(bytes);
  const side = (name: string, ...args: string[]): Side => ({
    name,
    run: () => measured(args, `${input}.ndjson`, figure),
  });
  const ingest = async (checkout: string, plugins: string) => {
    // Of its own: what one version keeps there is not for the other.
    await mkdir(plugins);
    const which = ['--parser', 'string-parser', '--plugins-dir', plugins];
    return [join(checkout, PROGRAM), 'ingest', '--format', 'ndjson', ...which, input];
  };
  return {
    name,
    unit: 'MB/s',
    maxRounds: 3,
    ours: side('chipmunk-host ingest --format ndjson', ...(await ingest(CHECKOUT, `${input}.plugins`))),
    baseline: side('script with readline and JSON.stringify', SCRIPT, input),
    others:
      OLDER_CHECKOUT === undefined
        ? []
        : [side(`chipmunk-host of ${OLDER_CHECKOUT}`, ...(await ingest(OLDER_CHECKOUT, `${input}.older-plugins`)))],
  };
}

/** The time of the process alone: its output is read afterwards, and compared by its hash. */
async function measured(
  args: readonly string[],
  outputPath: string,
  figure: (durationMs: number) => number,
): Promise<Outcome> {
  const output = await open(outputPath, 'w');
  try {
    const startedAt = performance.now();
    const child = spawn(process.execPath, args, { stdio: ['ignore', output.fd, 'inherit'] });
    const [code] = (await once(child, 'exit')) as [number | null];
    const durationMs = performance.now() - startedAt;
    if (code !== 0) throw new Error(`'${args.join(' ')}' ended with ${code}.`);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(outputPath)) hash.update(chunk as Buffer);
    const seconds = durationMs / 1000;
    return { digest: hash.digest('hex'), value: figure(durationMs), details: { seconds } };
  } finally {
    await output.close();
    await rm(outputPath);
  }
}
