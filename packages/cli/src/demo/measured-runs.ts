/** The runs that the demo holds side by side: the plugin, with and without decoding its items, and Node's readline. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { PluginsManager, SessionSummary } from '@chipmunk-host/manager';
import { SessionProgress } from '../ingest/session-progress.js';

export interface MeasuredRun {
  readonly name: string;
  readonly lines: number;
  /** UTF-16 code units of all lines; undefined where no text was made. */
  readonly units: number | undefined;
  /** From before the start, of a plugin or a stream, to the end. */
  readonly ms: number;
}

export interface IngestRun extends MeasuredRun {
  readonly firstTexts: readonly string[];
  readonly summary: SessionSummary;
}

export interface IngestRunOptions {
  readonly name: string;
  readonly file: string;
  /** Whether the text of each item is made, or its batch only counted. */
  readonly decode: boolean;
  /** How many texts to keep. */
  readonly first: number;
  readonly signal: AbortSignal;
}

export async function ingestRun(manager: PluginsManager, options: IngestRunOptions): Promise<IngestRun> {
  const { name, file, decode, first, signal } = options;
  using progress = SessionProgress.visible(false) ? new SessionProgress(name) : undefined;
  const firstTexts: string[] = [];
  const startedAt = performance.now();
  await using session = await manager.ingest({
    source: { file },
    // Readline replaces invalid UTF-8, too.
    parser: { plugin: 'string-parser', config: { lossy: true } },
    signal,
    ...(progress === undefined ? {} : { onProgress: progress.update }),
  });
  let lines = 0;
  let units = 0;
  const countText = (text: string) => {
    units += text.length;
  };
  for await (const batch of session.batches()) {
    lines += batch.count;
    if (decode) batch.forEachText(countText);
    if (firstTexts.length >= first) continue;
    for (const item of batch) if (firstTexts.push(item.text) >= first) break;
  }
  const ms = performance.now() - startedAt;
  return { name, lines, units: decode ? units : undefined, ms, firstTexts, summary: session.summary };
}

export async function readlineRun(name: string, file: string, signal: AbortSignal): Promise<MeasuredRun> {
  const startedAt = performance.now();
  let lines = 0;
  let units = 0;
  await new Promise<void>((resolve, reject) => {
    const input = createReadStream(file, { signal }).once('error', reject);
    // By events: much faster than `for await`.
    createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
      .on('line', (line) => {
        lines++;
        units += line.length;
      })
      .once('close', resolve);
  });
  return { name, lines, units, ms: performance.now() - startedAt };
}

/** Reads the file once, so that no run pays for a cold disk. */
export async function warmUp(file: string, signal: AbortSignal): Promise<void> {
  const input = createReadStream(file, { signal, highWaterMark: 1024 * 1024 });
  for await (const _chunk of input);
}
