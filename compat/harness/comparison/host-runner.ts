/** Runs cases through this project's host, all in one process. */
import { readFileSync } from 'node:fs';
import {
  BatchEncoder,
  createParserPool,
  type GrantOptions,
  IngestSession,
  type RecoveryOptions,
  type SourceOptions,
} from '@chipmunk-host/hosts';
import { type CompiledComponent, compile, type HostError } from '@chipmunk-host/runtime';
import type { WorkerPool } from '@chipmunk-host/runtime/internal';
import type { ComparisonCase } from './comparison-case.js';
import { type Outcome, type RunError, withoutPaths } from './outcome.js';

export interface HostRunOptions {
  readonly grants?: GrantOptions;
  readonly recovery?: Partial<RecoveryOptions>;
}

/** What Chipmunk does: it shows whole parent directories, and ends with the plugin's first failure. */
const LIKE_CHIPMUNK: HostRunOptions = { grants: { parents: true }, recovery: { maxRestarts: 0 } };

export class HostRunner implements AsyncDisposable {
  readonly #pool: WorkerPool = createParserPool();
  readonly #components = new Map<string, Promise<CompiledComponent>>();

  /** @param options what is granted, and what is done when a plugin fails. Default: as Chipmunk does. */
  async run(what: ComparisonCase, options: HostRunOptions = LIKE_CHIPMUNK): Promise<Outcome> {
    const grants = { ...options.grants, environment: what.environment ?? {} };
    const chunks: Uint8Array[] = [];
    let session: IngestSession | undefined;
    let error: RunError | undefined;
    try {
      session = await IngestSession.open({
        pool: this.#pool,
        component: await this.#component(what.parser),
        config: what.config,
        source: await this.#source(what, grants),
        grants,
        ...(options.recovery === undefined ? {} : { recovery: options.recovery }),
        ...(what.bufferBytes === undefined ? {} : { window: { bytes: what.bufferBytes } }),
      });
      const encoder = new BatchEncoder({ format: 'ndjson' });
      for await (const batch of session.batches()) chunks.push(...encoder.encode(batch));
    } catch (thrown) {
      const { code, message } = thrown as HostError;
      if (code === undefined) throw thrown;
      error = { code, message };
    }
    const { items, bytes, skippedBytes } = session?.summary ?? { items: 0, bytes: 0, skippedBytes: 0 };
    const ndjson = Buffer.concat(chunks).toString('utf8');
    return withoutPaths({ ndjson, items, bytes, skippedBytes, error }, what.directory);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.close();
  }

  async #source({ file, source }: ComparisonCase, grants: GrantOptions): Promise<SourceOptions> {
    if (source !== undefined) return { component: await this.#component(source.plugin), config: source.config, grants };
    if (file === undefined) throw new TypeError('a case needs a file or a source');
    return { file };
  }

  #component(path: string): Promise<CompiledComponent> {
    let component = this.#components.get(path);
    if (component === undefined) {
      component = compile(readFileSync(path));
      this.#components.set(path, component);
    }
    return component;
  }
}
