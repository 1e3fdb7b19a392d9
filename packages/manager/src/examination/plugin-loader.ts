/**
 * Looks into a plugin's binary: compiles it, tells its kind by its exports, and asks an instance in a worker for version,
 * schemas and render options. Whatever is wrong with a binary costs its own worker and a deadline, no more.
 */
import { availableParallelism } from 'node:os';
import { ByteSourceHost, type LogLine, ParserHost, type PluginKind } from '@chipmunk-host/hosts';
import { identifyPlugin } from '@chipmunk-host/hosts/internal';
import { type CompiledComponent, compile, PluginError, PluginInvalidError } from '@chipmunk-host/runtime';
import { Permits, type WorkerPool } from '@chipmunk-host/runtime/internal';
import { readPlugin, statPlugin } from '../shared/plugin-binary.js';
import { describeKind } from '../shared/plugin-id.js';
import type { RunLog } from '../shared/run-log.js';
import type { ExaminedPlugin, PluginInfo } from './plugin-info.js';

/** What is allowed for loading one plugin, by default; ten times what the largest real components take. */
export const DEFAULT_LOAD_DEADLINE_MS = 60_000;
/** Binaries that are compiled at once: each takes a thread of its own. */
const AT_ONCE = Math.max(2, availableParallelism());

export interface PluginLoaderOptions {
  readonly pool: () => WorkerPool;
  readonly cacheDirectory: string | undefined;
  readonly deadlineMs: number;
  readonly onWarning: (message: string) => void;
}

export interface LoadRequest {
  /** The binary. */
  readonly path: string;
  readonly name: string;
  /** Default: either. */
  readonly kind?: PluginKind | undefined;
  /** SHA-256 that the binary has to have; it is not compiled when it has another one. Default: any. */
  readonly hash?: string | undefined;
  readonly log: RunLog;
}

export class PluginLoader {
  readonly #options: PluginLoaderOptions;
  readonly #permits = new Permits(AT_ONCE);

  constructor(options: PluginLoaderOptions) {
    this.#options = options;
  }

  /** @throws PluginError, with the plugin's name in it, when the plugin cannot be used; HostError when it is gone. */
  async load(request: LoadRequest): Promise<ExaminedPlugin> {
    const giveBack = await this.#permits.take(1);
    try {
      return await this.#load(request);
    } catch (error) {
      if (error instanceof PluginError) error.plugin ??= request.name;
      throw error;
    } finally {
      giveBack();
    }
  }

  async #load(request: LoadRequest): Promise<ExaminedPlugin> {
    const { path, name, kind: wanted, log } = request;
    const component = await this.#compile(request);
    const { kind, apiVersion } = identifyPlugin(component);
    log.add('debug', `It is a ${describeKind(kind)} of API version ${apiVersion}.`);
    if (wanted !== undefined && kind !== wanted)
      throw new PluginInvalidError(`'${path}' is a ${describeKind(kind)} plugin; expected a ${describeKind(wanted)}.`, {
        plugin: name,
        help: `Move it to the ${describeKind(kind)} plugins.`,
      });
    const info = await this.#ask(component, kind, request);
    const { major, minor, patch } = info.version;
    log.add('info', `Version ${major}.${minor}.${patch}, ${info.configSchemas.length} configuration schemas.`);
    return { hash: component.hash, kind, apiVersion, imports: component.imports, info };
  }

  async #compile({ path, hash, log }: LoadRequest): Promise<CompiledComponent> {
    const { cacheDirectory, deadlineMs, onWarning } = this.#options;
    const started = performance.now();
    await statPlugin(path);
    const component = await compile(await readPlugin(path), {
      deadlineMs,
      ...(hash === undefined ? {} : { expectedHash: hash }),
      ...(cacheDirectory === undefined ? {} : { cacheDirectory }),
      onWarning: (message) => {
        log.add('warn', message);
        onWarning(message);
      },
    });
    log.add('debug', `Compiled in ${Math.round(performance.now() - started)} ms.`);
    return component;
  }

  async #ask(component: CompiledComponent, kind: PluginKind, { name, log }: LoadRequest): Promise<PluginInfo> {
    const options = {
      component,
      pool: this.#options.pool(),
      plugin: name,
      deadlineMs: this.#options.deadlineMs,
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
