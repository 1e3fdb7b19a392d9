/**
 * The command line against a script, as whole processes that write into nothing: a disk would take as long for both. What they write is
 * compared once, in a file.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdir, open, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
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
  const side = (name: string, ...args: string[]): Side => {
    let digest: Promise<string> | undefined;
    return {
      name,
      async run() {
        digest ??= hashed(args, `${input}.ndjson`);
        return { digest: await digest, ...(await timed(args, figure)) };
      },
    };
  };
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
        : [
            side(
              `chipmunk-host of ${basename(OLDER_CHECKOUT)}`,
              ...(await ingest(OLDER_CHECKOUT, `${input}.older-plugins`)),
            ),
          ],
  };
}

/** The time of the process alone. */
async function timed(
  args: readonly string[],
  figure: (durationMs: number) => number,
): Promise<Omit<Outcome, 'digest'>> {
  const startedAt = performance.now();
  await ended(args, 'ignore');
  const durationMs = performance.now() - startedAt;
  return { value: figure(durationMs), details: { seconds: durationMs / 1000 } };
}

/** The hash of what the process writes. */
async function hashed(args: readonly string[], outputPath: string): Promise<string> {
  const output = await open(outputPath, 'w');
  try {
    await ended(args, output.fd);
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(outputPath)) hash.update(chunk as Buffer);
    return hash.digest('hex');
  } finally {
    await output.close();
    await rm(outputPath);
  }
}

/** @param output `ignore`: /dev/null */
async function ended(args: readonly string[], output: number | 'ignore'): Promise<void> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', output, 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`'${args.join(' ')}' ended with ${code}.`);
}
