/** Learns what is in the plugins' binaries: from the cache where it knows them, else by looking into them, each binary once. */
import { HostError, PluginError, PluginInvalidError, serializeError } from '@chipmunk-host/runtime';
import { describe } from '@chipmunk-host/runtime/internal';
import { type ExaminationResult, isEnvironmental, lastingError } from '../examination/cache/cached-result.js';
import type { PluginCache } from '../examination/cache/plugin-cache.js';
import type { PluginLoader } from '../examination/plugin-loader.js';
import { type FileStamp, fileStamp, hashFile, isSettled, statPlugin } from '../shared/plugin-binary.js';
import { describeKind, KIND_FOLDERS, type PluginId, pluginKey } from '../shared/plugin-id.js';
import type { RunLog } from '../shared/run-log.js';
import { type BinaryResult, type CatalogueEntry, NOT_LOOKED_AT } from './catalogue-entry.js';
import type { FoundPlugin } from './plugin-entry.js';

export interface ExaminationParts {
  /** Whether every binary is read to know it, also when its file looks unchanged. */
  readonly alwaysHash: boolean;
  readonly loader: PluginLoader;
  readonly cache: PluginCache;
  readonly onLoaded: (event: { plugin: PluginId; fromCache: boolean; durationMs: number }) => void;
}

/** How often a binary that changes while it is looked at is looked at once more. */
const MAX_ATTEMPTS = 3;

export class BinaryExamination {
  readonly #parts: ExaminationParts;
  /** Binaries that are being looked into, by hash; never rejects. */
  readonly #lookingInto = new Map<string, Promise<void>>();

  constructor(parts: ExaminationParts) {
    this.#parts = parts;
  }

  /** Learns the binary's hash and, if it is to be loaded and may be, what is in it. */
  async look(record: CatalogueEntry, how: { load: boolean; again: boolean }): Promise<void> {
    if (record.decisions.disabled) return;
    for (let attempt = 1; ; attempt++) {
      try {
        return record.update({ binary: await this.#examine(record, how) });
      } catch (error) {
        if (isChanged(error) && attempt < MAX_ATTEMPTS) continue;
        record.log.add('error', describe(error));
        const outcome = { kind: 'failed', error: lastingError(serializeError(error)) } as const;
        return record.update({ binary: { ...NOT_LOOKED_AT, outcome } });
      }
    }
  }

  /** @throws HostError `ERR_PLUGIN_CHANGED` when the file changes meanwhile; an error about the file */
  async #examine(record: CatalogueEntry, { load, again }: { load: boolean; again: boolean }): Promise<BinaryResult> {
    const { found, log, decisions, binary } = record;
    const checkedAt = Date.now();
    const stamp = fileStamp(await statPlugin(found.path));
    const isSame = !this.#parts.alwaysHash && !again && binary.stamp === stamp && isSettled(stamp, binary.checkedAt);
    if (isSame && (isKnown(binary.outcome) || !load)) return binary;
    if (!load) return { stamp, checkedAt, hash: undefined, outcome: undefined };

    const hash = await this.#hash(found, stamp, checkedAt, again);
    if (decisions.pinned !== undefined && decisions.pinned !== hash) {
      log.add('warn', `The binary is not the one that the plugin is pinned to: its SHA-256 is ${hash}.`);
      return { stamp, checkedAt, hash, outcome: undefined };
    }
    if (!again && hash === binary.hash && isKnown(binary.outcome)) return { ...binary, stamp, checkedAt };
    return { stamp, checkedAt, hash, outcome: fitting(record, await this.#load(record, hash, again)) };
  }

  async #hash(found: FoundPlugin, stamp: FileStamp, checkedAt: number, again: boolean): Promise<string> {
    const { alwaysHash, cache } = this.#parts;
    const key = cacheKey(found);
    const known = alwaysHash || again ? undefined : cache.hashOf(key, stamp);
    if (known !== undefined) return known;
    const hash = await hashFile(found.path);
    if (fileStamp(await statPlugin(found.path)) !== stamp) throw changedMeanwhile(found.path);
    cache.noteFile(key, stamp, hash, checkedAt);
    return hash;
  }

  async #load({ id, found, log }: CatalogueEntry, hash: string, again: boolean): Promise<ExaminationResult> {
    const { cache } = this.#parts;
    const started = performance.now();
    // Of several plugins with the same binary one is looked into.
    await this.#lookingInto.get(hash);
    const kept = again ? undefined : cache.resultOf(hash);
    const result = kept ?? (await this.#lookInto(found, log, hash));
    if (result.kind === 'failed') log.add('error', result.error.message);
    if (kept !== undefined)
      log.add('debug', 'This binary was looked into before: the result was taken from the cache.');
    this.#parts.onLoaded({ plugin: id, fromCache: kept !== undefined, durationMs: performance.now() - started });
    return result;
  }

  async #lookInto({ name, path }: FoundPlugin, log: RunLog, hash: string): Promise<ExaminationResult> {
    const { cache, loader } = this.#parts;
    const work = async (): Promise<ExaminationResult> => {
      try {
        return { kind: 'loaded', plugin: await loader.load({ path, name, hash, log }) };
      } catch (error) {
        if (!(error instanceof PluginError)) throw error;
        if (error.stack !== undefined) log.add('debug', error.stack);
        return { kind: 'failed', error: serializeError(error) };
      }
    };
    const looking = work().then((result) => {
      cache.noteResult(hash, result);
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
}

/** A valid plugin in the folder of the other kind is not valid there. */
function fitting({ id, found }: CatalogueEntry, result: ExaminationResult): ExaminationResult {
  // As it will be when it is taken from the cache.
  if (result.kind === 'failed') return { ...result, error: { ...lastingError(result.error), plugin: id.name } };
  const { kind } = result.plugin;
  if (kind === id.kind) return result;
  const [is, place] = [describeKind(kind), describeKind(id.kind)];
  const message = `'${found.path}' is a ${is} plugin; expected a ${place}, since it lies among those.`;
  const help = `Move its directory to '${KIND_FOLDERS[kind]}'.`;
  const error = lastingError(serializeError(new PluginInvalidError(message, { help })));
  return { kind: 'failed', error: { ...error, plugin: id.name } };
}

/** Where the cache finds a binary again: in the plugins directory wherever that lies. */
export function cacheKey(plugin: FoundPlugin): string {
  return plugin.origin === 'installed' ? pluginKey(plugin) : plugin.path;
}

function changedMeanwhile(path: string): HostError {
  return new HostError('ERR_PLUGIN_CHANGED', `The plugin '${path}' changes while it is read.`, {
    help: 'Reload it when it is complete.',
  });
}

/** Whether the outcome says what is in the binary. */
function isKnown(outcome: ExaminationResult | undefined): boolean {
  return outcome !== undefined && !(outcome.kind === 'failed' && isEnvironmental(outcome.error));
}

function isChanged(error: unknown): boolean {
  return error instanceof HostError && error.code === 'ERR_PLUGIN_CHANGED';
}
