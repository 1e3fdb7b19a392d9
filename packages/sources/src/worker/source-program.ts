/**
 * The program of a source's worker. Started by main/source-host.ts in a worker of the pool; it returns when the source is closed, and the
 * worker is then free for the next instance.
 */
import { HostError, type InstanceTask, serveControl } from '@chipmunk-host/runtime/internal/worker';
import type { FilePosition, Resumption } from '../shared/file-position.js';
import { ReadProgress } from '../shared/read-progress.js';
import { Recorder, RecordNames } from '../shared/recorder.js';
import type { RecordRequest, SourceControl, SourceOutcome, SourcePayload } from '../shared/source-payload.js';
import type { Source, SourceOutput } from './contract.js';
import { RecordingOutput } from './recording-output.js';
import { RingOutput } from './ring-output.js';
import { makeSource } from './source-modules.js';

export async function runSource({ controlPort, eventPort, payload }: InstanceTask<SourcePayload>): Promise<void> {
  const program = new SourceProgram(payload);
  await serveControl(controlPort, {
    open: (resumption) => program.open(resumption),
    placeAt: (offset) => program.placeAt(offset),
    run: () => program.run(),
    close: () => program.close(),
  } satisfies SourceControl);
  controlPort.close();
  eventPort.close();
}

class SourceProgram {
  readonly #payload: SourcePayload;
  readonly #outputs: readonly RingOutput[];
  readonly #stopping = new AbortController();
  readonly #recorders: readonly Recorder[];
  #source: Source | undefined;

  constructor(payload: SourcePayload) {
    this.#payload = payload;
    this.#outputs = payload.rings.map((ring) => new RingOutput(ring));
    const { record } = payload;
    const names = record && new RecordNames(record.options);
    this.#recorders = this.#outputs.flatMap(() => (record && names ? [recorderOf(record, names)] : []));
  }

  async open(resumption: Resumption | undefined): Promise<void> {
    const { kind, options, progress } = this.#payload;
    const source = await makeSource(kind, options, new ReadProgress(progress));
    this.#source = source;
    await source.open(resumption);
    this.#recorders[0]?.open();
  }

  async placeAt(offset: number): Promise<FilePosition | undefined> {
    return this.#source?.placeAt?.(offset);
  }

  /** An error is passed on in the rings, behind the bytes that came before it, and then thrown. */
  async run(): Promise<SourceOutcome> {
    const { signal } = this.#stopping;
    const given = this.#outputs.map((one, at) => recording(one, this.#recorders[at]));
    const [first] = given;
    if (this.#source === undefined || first === undefined)
      throw new HostError('ERR_INTERNAL', 'A source was run before it was opened.');
    try {
      if (!signal.aborted) await this.#source.run(first, signal, given);
      const failed = this.#recorders.find(({ failure }) => failure !== undefined);
      if (failed !== undefined) throw failed.failure;
      await Promise.all(this.#outputs.map((one) => one.end()));
    } catch (error) {
      await Promise.all(this.#outputs.map((one) => one.fail(error)));
      throw error;
    } finally {
      for (const recorder of this.#recorders) recorder.close();
      await this.#source.close();
    }
    const bytes = this.#outputs.reduce((sum, one) => sum + one.bytes, 0);
    return { reason: signal.aborted ? 'stopped' : 'end', bytes };
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#source?.close();
  }
}

function recorderOf({ options, isOfPackets, to }: RecordRequest, names: RecordNames): Recorder {
  return new Recorder(names, options, isOfPackets, to);
}

function recording(output: RingOutput, recorder: Recorder | undefined): SourceOutput {
  return recorder === undefined ? output : new RecordingOutput(output, recorder);
}
