/**
 * What is remembered of plugins between processes, so that those that have not changed need not be looked into again. Several
 * processes may share one directory: each writes under the directory's lock, and adds to what the others wrote. Whatever goes
 * wrong here is a warning and costs time, never more.
 */
import { dirname, isAbsolute, join } from 'node:path';
import { describe, makeFolder } from '@chipmunk-host/runtime/internal';
import { isAccessible } from '../../shared/path-access.js';
import { type FileStamp, isSettled } from '../../shared/plugin-binary.js';
import type { DirectoryFiles } from '../../store/directory-files.js';
import { cleanArtefacts } from './artefact-cleaning.js';
import { type CacheContent, type CachedFile, EMPTY_CACHE, encodeCache, readCacheFile } from './cache-file.js';
import { type ExaminationResult, isLasting } from './cached-result.js';

export interface PluginCacheParts {
  /** The cache file. */
  readonly path: string;
  /** Whether there is to be one: the directory may not be there. */
  readonly isWanted: () => Promise<boolean>;
  /** Folder of the transpiled components that is cleaned of what no plugin uses; undefined: none is. */
  readonly artefacts: string | undefined;
  /** What makes them; see runtime's `toolchain`. */
  readonly toolchain: () => Promise<string>;
  /** The plugins directory's. */
  readonly files: DirectoryFiles;
  readonly onWarning: (message: string) => void;
}

/** What waiting for other processes is worth: it can be done without. */
const LOCK_WAIT_MS = 5000;

export class PluginCache {
  readonly #parts: PluginCacheParts;
  readonly #files = new Map<string, CachedFile>();
  readonly #results = new Map<string, ExaminationResult>();
  #toolchain: string | undefined;
  #isWritten = true;

  constructor(parts: PluginCacheParts) {
    this.#parts = parts;
  }

  /** Reads the file. A damaged one is a warning and an empty cache. */
  async open(): Promise<void> {
    const { files, results } = await this.#read(true);
    for (const [key, file] of files) this.#files.set(key, file);
    for (const [hash, result] of results) this.#results.set(hash, result);
  }

  /** The hash of a file that has not changed since it was last read; undefined when it has to be read to know. */
  hashOf(key: string, stamp: FileStamp): string | undefined {
    const file = this.#files.get(key);
    return file?.stamp === stamp && isSettled(stamp, file.checkedAt) ? file.hash : undefined;
  }

  resultOf(hash: string): ExaminationResult | undefined {
    return this.#results.get(hash);
  }

  /** @param checkedAt when the stamp was taken */
  noteFile(key: string, stamp: FileStamp, hash: string, checkedAt: number): void {
    const known = this.#files.get(key);
    if (known?.stamp === stamp && known.hash === hash && isSettled(stamp, known.checkedAt)) return;
    this.#files.set(key, { stamp, hash, checkedAt });
    this.#isWritten = false;
  }

  noteResult(hash: string, result: ExaminationResult): void {
    // What was known of these bytes stays known.
    if (result.kind === 'failed' && !isLasting(result.error)) return;
    this.#results.set(hash, result);
    this.#isWritten = false;
  }

  /**
   * Writes what has changed, and removes what no plugin uses.
   * @param listed the files that are listed now
   * @param kept hashes of binaries that are not listed and may be wanted again
   */
  async save(listed: ReadonlySet<string>, kept: ReadonlySet<string>): Promise<void> {
    if (this.#isWritten && [...this.#files.keys()].every((key) => listed.has(key))) return;
    if (!(await this.#parts.isWanted())) return;
    try {
      await makeFolder(dirname(this.#parts.path), 0o700);
      await this.#parts.files.withLock(() => this.#save(listed, kept), { waitMs: LOCK_WAIT_MS });
      this.#isWritten = true;
    } catch (error) {
      this.#parts.onWarning(`The cache of plugins ${this.#parts.path} cannot be written: ${describe(error)}`);
    }
  }

  async #save(listed: ReadonlySet<string>, kept: ReadonlySet<string>): Promise<void> {
    const { path, artefacts } = this.#parts;
    const before = await this.#read(false);
    const files = new Map(before.files);
    for (const [key, file] of this.#files) {
      const other = files.get(key);
      if (other === undefined || other.checkedAt < file.checkedAt) files.set(key, file);
    }
    // Another process may know of plugins that came after this one has looked: only what is gone is forgotten.
    for (const key of [...files.keys()]) if (!listed.has(key) && !(await this.#isThere(key))) files.delete(key);
    const used = new Set([...files.values()].map(({ hash }) => hash));
    const known = new Map([...before.results, ...this.#results]);
    const results = new Map([...known].filter(([hash]) => used.has(hash)));
    for (const key of this.#files.keys()) if (!files.has(key)) this.#files.delete(key);
    for (const hash of this.#results.keys()) if (!used.has(hash)) this.#results.delete(hash);

    const toolchain = await this.#requireToolchain();
    const content = encodeCache({ files, results }, toolchain);
    if (content !== encodeCache(before, toolchain)) await this.#parts.files.replace(path, content);
    if (artefacts === undefined) return;
    await cleanArtefacts(artefacts, toolchain, new Set([...used, ...kept]), new Set(known.keys()));
  }

  async #read(warn: boolean): Promise<CacheContent> {
    try {
      return (await readCacheFile(this.#parts.path, await this.#requireToolchain())) ?? EMPTY_CACHE;
    } catch (error) {
      const { path, onWarning } = this.#parts;
      if (warn) onWarning(`The cache of plugins ${path} is not used, and written anew: ${describe(error)}`);
      this.#isWritten = false;
      return EMPTY_CACHE;
    }
  }

  async #requireToolchain(): Promise<string> {
    this.#toolchain ??= await this.#parts.toolchain();
    return this.#toolchain;
  }

  #isThere(key: string): Promise<boolean> {
    const name = key.slice(key.indexOf('/') + 1);
    const path = isAbsolute(key) ? key : join(this.#parts.files.layout.root, key, `${name}.wasm`);
    return isAccessible(path);
  }
}
