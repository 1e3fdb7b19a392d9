/** Learns which binary each plugin has and, where it is to be loaded and may be, what is in it. */
import { HostError, PluginInvalidError, serializeError } from '@chipmunk-host/runtime';
import { describe } from '@chipmunk-host/runtime/internal';
import { type ExaminationResult, isEnvironmental, lastingError } from '../examination/cache/cached-result.js';
import type { PluginCache } from '../examination/cache/plugin-cache.js';
import type { PluginExaminer } from '../examination/plugin-examiner.js';
import { type FileStamp, fileStamp, hashFile, isSettled, statPlugin } from '../shared/plugin-binary.js';
import { describeKind, KIND_FOLDERS, type PluginId, pluginKey } from '../shared/plugin-id.js';
import { type BinaryResult, type CatalogueEntry, NOT_LOOKED_AT } from './catalogue-entry.js';
import type { FoundPlugin } from './plugin-entry.js';

export interface ExaminationParts {
  /** Whether every binary is read to know it, also when its file looks unchanged. */
  readonly alwaysHash: boolean;
  readonly examiner: PluginExaminer;
  readonly cache: PluginCache;
  readonly onLoaded: (event: { plugin: PluginId; fromCache: boolean; durationMs: number }) => void;
}

/** How often a binary that changes while it is looked at is looked at once more. */
const MAX_ATTEMPTS = 3;

export class BinaryExamination {
  readonly #parts: ExaminationParts;

  constructor(parts: ExaminationParts) {
    this.#parts = parts;
  }

  /** Learns the binary's hash and, if it is to be loaded and may be, what is in it. */
  async look(entry: CatalogueEntry, how: { load: boolean; again: boolean }): Promise<void> {
    if (entry.decisions.disabled) return;
    for (let attempt = 1; ; attempt++) {
      try {
        return entry.update({ binary: await this.#examine(entry, how) });
      } catch (error) {
        if (isChanged(error) && attempt < MAX_ATTEMPTS) continue;
        entry.log.add('error', describe(error));
        const outcome = { kind: 'failed', error: lastingError(serializeError(error)) } as const;
        return entry.update({ binary: { ...NOT_LOOKED_AT, outcome } });
      }
    }
  }

  /** @throws HostError `ERR_PLUGIN_CHANGED` when the file changes meanwhile; an error about the file */
  async #examine(entry: CatalogueEntry, { load, again }: { load: boolean; again: boolean }): Promise<BinaryResult> {
    const { found, log, decisions, binary } = entry;
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
    return { stamp, checkedAt, hash, outcome: fitting(entry, await this.#load(entry, hash, again)) };
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
    const { path, name } = found;
    const started = performance.now();
    const { result, fromCache } = await this.#parts.examiner.examine({ path, name, hash, log }, again);
    if (result.kind === 'failed') log.add('error', result.error.message);
    if (fromCache) log.add('debug', 'This binary was examined before: the result comes from the cache.');
    this.#parts.onLoaded({ plugin: id, fromCache, durationMs: performance.now() - started });
    return result;
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
