/**
 * Looks into plugins' binaries, each once: takes what the cache knows, else compiles the binary, tells its kind by its exports, and
 * asks an instance in a worker for version, schemas and render options. Whatever is wrong with a binary costs its own worker and
 * a deadline, no more.
 */
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { ByteSourceHost, type LogLine, ParserHost } from '@chipmunk-host/hosts';
import { givesTimes } from '@chipmunk-host/hosts/internal';
import { deserializeError, PluginError, serializeError } from '@chipmunk-host/runtime';
import { Permits } from '@chipmunk-host/runtime/internal';
import { hashFile, statPlugin } from '../shared/plugin-binary.js';
import { describeKind } from '../shared/plugin-id.js';
import { RunLog } from '../shared/run-log.js';
import type { ExaminationResult } from './cache/cached-result.js';
import type { PluginCache } from './cache/plugin-cache.js';
import type { CompiledPlugin, ComponentLibrary } from './component-library.js';
import type { ExaminedPlugin, PluginInfo } from './plugin-info.js';
import type { PluginWorkers } from './plugin-workers.js';

/** What is allowed for loading one plugin, by default; ten times what the largest real components take. */
const DEFAULT_LOAD_DEADLINE_MS = 60_000;
/** Binaries that are compiled at once: each takes a thread of its own. */
const AT_ONCE = Math.max(2, availableParallelism());

export interface ExaminerParts {
  readonly library: ComponentLibrary;
  readonly cache: PluginCache;
  readonly workers: PluginWorkers;
  /** Time limit on compiling, and on each call of the plugin, in milliseconds. Default 60,000. */
  readonly deadlineMs: number | undefined;
  readonly onWarning: (message: string) => void;
}

export interface ExaminationRequest {
  /** The binary. */
  readonly path: string;
  readonly name: string;
  /** SHA-256 that the binary has to have; it is not compiled when it has another one. */
  readonly hash: string;
  readonly log: RunLog;
}

export class PluginExaminer {
  readonly #parts: ExaminerParts;
  readonly #permits = new Permits(AT_ONCE);
  /** Binaries that are being looked into, by hash; never rejects. */
  readonly #lookingInto = new Map<string, Promise<void>>();

  constructor(parts: ExaminerParts) {
    this.#parts = parts;
  }

  /**
   * @param again whether the binary is looked into whatever is known of it
   * @throws HostError when it says nothing of the binary: it is gone, has another hash, or the system keeps something from it
   */
  async examine(
    request: ExaminationRequest,
    again: boolean,
  ): Promise<{ readonly result: ExaminationResult; readonly fromCache: boolean }> {
    const { cache } = this.#parts;
    // Of several plugins with the same binary one is looked into.
    await this.#lookingInto.get(request.hash);
    const kept = again ? undefined : cache.resultOf(request.hash);
    return kept === undefined
      ? { result: await this.#lookIntoOnce(request), fromCache: false }
      : { result: kept, fromCache: true };
  }

  /**
   * Looks into a plugin before it is installed, or where another one is to take its place.
   * @param directory the plugin's own, named like it
   * @throws PluginError when the plugin cannot be used; HostError when there is no binary
   */
  async check(directory: string): Promise<ExaminedPlugin> {
    const name = basename(directory);
    const path = join(directory, `${name}.wasm`);
    await statPlugin(path);
    const { result } = await this.examine({ path, name, hash: await hashFile(path), log: new RunLog(() => {}) }, false);
    if (result.kind === 'failed') throw deserializeError({ ...result.error, plugin: name });
    return result.plugin;
  }

  async #lookIntoOnce(request: ExaminationRequest): Promise<ExaminationResult> {
    const { hash } = request;
    const looking = this.#lookInto(request).then((result) => {
      this.#parts.cache.noteResult(hash, result);
      return result;
    });
    const settled = looking.then(
      () => {},
      () => {},
    );
    this.#lookingInto.set(hash, settled);
    try {
      return await looking;
    } finally {
      if (this.#lookingInto.get(hash) === settled) this.#lookingInto.delete(hash);
    }
  }

  async #lookInto(request: ExaminationRequest): Promise<ExaminationResult> {
    const giveBack = await this.#permits.take(1);
    try {
      const compiled = await this.#compile(request);
      const { component, kind, apiVersion } = compiled;
      request.log.add('debug', `It is a ${describeKind(kind)} of API version ${apiVersion}.`);
      const info = await this.#ask(compiled, request);
      const { major, minor, patch } = info.version;
      request.log.add(
        'info',
        `Version ${major}.${minor}.${patch}, ${info.configSchemas.length} configuration schemas.`,
      );
      const { hash, imports } = component;
      return {
        kind: 'loaded',
        plugin: { hash, kind, apiVersion, imports, givesTimes: givesTimes(component), info },
      };
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      error.plugin ??= request.name;
      if (error.stack !== undefined) request.log.add('debug', error.stack);
      return { kind: 'failed', error: serializeError(error) };
    } finally {
      giveBack();
    }
  }

  async #compile({ path, hash, log }: ExaminationRequest): Promise<CompiledPlugin> {
    const { library, deadlineMs = DEFAULT_LOAD_DEADLINE_MS, onWarning } = this.#parts;
    const started = performance.now();
    const compiled = await library.forExamination(path, {
      deadlineMs,
      expectedHash: hash,
      onWarning: (message) => {
        log.add('warn', message);
        onWarning(message);
      },
    });
    log.add('debug', `Compiled in ${Math.round(performance.now() - started)} ms.`);
    return compiled;
  }

  async #ask({ component, kind }: CompiledPlugin, { name, log }: ExaminationRequest): Promise<PluginInfo> {
    const { workers, deadlineMs = DEFAULT_LOAD_DEADLINE_MS } = this.#parts;
    const options = {
      component,
      pool: workers.pool(),
      plugin: name,
      deadlineMs,
      logLevel: 'debug' as const,
      onLog: ({ level, message, time }: LogLine, dropped: number) => {
        if (dropped > 0) log.add('warn', `${dropped} lines of the plugin's log were dropped here.`, time);
        log.add(level, message, time);
      },
      onWaiting: () => log.add('debug', 'All workers are in use; waiting for one.'),
    };
    if (kind === 'parser') {
      await using parser = await ParserHost.open(options);
      return { kind, ...parser.info };
    }
    await using source = await ByteSourceHost.open(options);
    return { kind, ...source.info };
  }
}
