/** A search that runs: gives its parts to threads, and keeps what they find in the order of the rows. */
import type { SelectionPlan } from '@chipmunk-host/hosts/internal/select';
import { type OptionTable, option } from '@chipmunk-host/runtime/internal/options';
import { RowSet } from '../portable/row-set.js';
import type { DamagedStretch } from '../portable/spool-error.js';
import type { SearchPart, SearchTask, TaskResult } from './search-task.js';
import { MOST_THREADS, runInThread } from './search-threads.js';
import type { SearchOptions, SearchSummary, SpoolSearch } from './search-types.js';

export const SEARCH: OptionTable<SearchOptions> = {
  signal: option.signal,
  limit: option.limit(1, Number.MAX_SAFE_INTEGER),
  threads: option.whole(1, 4),
};

/** Where the parts come from. */
export interface PartSource {
  parts(signal: AbortSignal): AsyncIterable<SearchPart>;
  /** What stands for a part whose file is not there any more. */
  again?(
    part: SearchPart,
  ): Promise<{ readonly parts: readonly SearchPart[]; readonly damage: readonly DamagedStretch[] }>;
  /** Whether all parts are to be taken, also when there are enough hits. Default: false. */
  readonly goesOn?: boolean;
  /** Rows before this one are not sought. Default 0. */
  readonly fromRow?: number | undefined;
  /** Neither are those from this one on. Default: Infinity. */
  readonly endRow?: number | undefined;
  /** Damage that no thread sees. */
  readonly damage?: readonly DamagedStretch[];
}

const CHUNK_ROWS = 4096;
let searches = 0;

export class RunningSearch implements SpoolSearch {
  readonly rows: readonly RowSet[];
  readonly ended: Promise<SearchSummary>;
  readonly #task: Pick<SearchTask, 'search' | 'plans' | 'stop'>;
  readonly #limit: number;
  /** Parts that are given to threads and not taken back. */
  readonly #mostParts: number;
  readonly #source: PartSource;
  readonly #fromRow: number;
  readonly #endRow: number;
  readonly #controller = new AbortController();
  readonly #damage: DamagedStretch[] = [];
  #searchedRows = 0;
  #searchedBytes = 0;
  #isComplete = true;
  #isCut = false;
  #hasEnough = false;
  #state: { readonly error?: unknown } | undefined;
  #news = newsSignal();

  constructor(plans: readonly SelectionPlan[], source: PartSource, options: SearchOptions) {
    const { signal, limit = Number.POSITIVE_INFINITY, threads = MOST_THREADS } = options;
    this.rows = plans.map(() => new RowSet());
    const stop = new Int32Array(new SharedArrayBuffer(4));
    this.#task = { search: `${process.pid}-${++searches}`, plans, stop };
    this.#limit = limit;
    // Where all threads work for it, one part waits, so that none of them has to.
    this.#mostParts = threads < MOST_THREADS ? threads : MOST_THREADS + 1;
    this.#source = source;
    this.#fromRow = source.fromRow ?? 0;
    this.#endRow = source.endRow ?? Number.POSITIVE_INFINITY;
    const abort = () => this.#stop();
    signal?.addEventListener('abort', abort);
    if (signal?.aborted === true) this.#stop();
    this.ended = this.#run()
      .then(() => {
        signal?.throwIfAborted();
        return this.#summary();
      })
      .finally(() => signal?.removeEventListener('abort', abort));
    this.ended.then(
      () => this.#settle({}),
      (error: unknown) => this.#settle({ error }),
    );
  }

  get searchedRows(): number {
    return this.#searchedRows;
  }

  get searchedBytes(): number {
    return this.#searchedBytes;
  }

  get damage(): readonly DamagedStretch[] {
    return this.#damage;
  }

  async *hits(query = 0): AsyncGenerator<readonly number[], void, undefined> {
    const rows = this.rows[query];
    if (rows === undefined) throw new RangeError(`There is no query ${query}; expected 0 to ${this.rows.length - 1}.`);
    let given = 0;
    yield* this.#chunks(() => {
      const chunk: number[] = [];
      for (const row of rows.rows(given)) if (chunk.push(row) === CHUNK_ROWS) break;
      given += chunk.length;
      return chunk;
    });
  }

  async *hitsOfAny(): AsyncGenerator<readonly number[], void, undefined> {
    if (this.rows.length === 1) yield* this.hits();
    else yield* this.#chunks(this.#merged());
  }

  /** What is found later is behind all that was found by now, whatever the query. */
  #merged(): () => readonly number[] {
    const given = this.rows.map(() => 0);
    return () => {
      const chunk: number[] = [];
      const walks = this.rows.map((rows, query) => rows.rows(given[query]));
      const heads = walks.map((walk) => walk.next().value);
      while (chunk.length < CHUNK_ROWS) {
        const row = heads.reduce<number>((least, head) => Math.min(least, head ?? least), Number.POSITIVE_INFINITY);
        if (row === Number.POSITIVE_INFINITY) break;
        chunk.push(row);
        for (const [query, head] of heads.entries()) {
          if (head !== row) continue;
          given[query] = (given[query] ?? 0) + 1;
          heads[query] = walks[query]?.next().value;
        }
      }
      return chunk;
    };
  }

  /** @param next makes a list of what was found and not given yet; an empty one when that is nothing */
  async *#chunks(next: () => readonly number[]): AsyncGenerator<readonly number[], void, undefined> {
    for (;;) {
      const state = this.#state;
      const news = this.#news.promise;
      for (let chunk = next(); chunk.length > 0; chunk = next()) yield chunk;
      if (state !== undefined) {
        if ('error' in state) throw state.error;
        return;
      }
      await news;
    }
  }

  async close(): Promise<void> {
    if (this.#state === undefined) {
      this.#isComplete = false;
      this.#stop();
    }
    await this.ended.catch(() => {});
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #run(): Promise<void> {
    let working = 0;
    let failed: { readonly error: unknown } | undefined;
    let taken: Promise<void> = Promise.resolve();
    let free = newsSignal();
    try {
      for await (const part of this.#source.parts(this.#controller.signal)) {
        if (this.#isStopped || failed !== undefined) break;
        if (this.#hasEnough) continue;
        const done = this.#search(part);
        done.catch(() => {});
        working++;
        taken = taken.then(async () => {
          try {
            if (failed === undefined) this.#take(part, await done);
          } catch (error) {
            failed ??= { error };
          } finally {
            working--;
            free.notify();
          }
        });
        while (working >= this.#mostParts) {
          free = newsSignal();
          await free.promise;
        }
      }
    } finally {
      if (this.#isStopped || this.#isCut) this.#isComplete = false;
      this.#damage.push(...(this.#source.damage ?? []));
      await taken;
    }
    if (failed !== undefined) throw failed.error;
  }

  async #search(part: SearchPart): Promise<readonly TaskResult[]> {
    const result = await runInThread({ ...this.#task, part: part.part });
    if (!result.isGone || this.#source.again === undefined) return [result];
    const { parts, damage } = await this.#source.again(part);
    const results = await Promise.all(parts.map((each) => runInThread({ ...this.#task, part: each.part })));
    return [{ rows: [], damage, stopped: false, isGone: false }, ...results];
  }

  #take(part: SearchPart, results: readonly TaskResult[]): void {
    // Behind a part that was not finished, nothing is taken: what was found is all that there is up to its last row.
    if (this.#isCut || this.#hasEnough) return;
    for (const { rows, damage, stopped } of results) {
      this.#damage.push(...damage);
      this.#isCut ||= stopped;
      for (const [query, found] of rows.entries()) this.#add(this.rows[query] as RowSet, found);
    }
    if (this.#isCut) return;
    if (results.every(({ damage }) => damage.length === 0)) part.whole?.();
    this.#searchedRows += part.rows;
    this.#searchedBytes += part.bytes;
    if (this.rows.every(({ size }) => size >= this.#limit)) {
      this.#isComplete = false;
      this.#hasEnough = true;
      if (this.#source.goesOn !== true) this.#stop();
    }
    this.#tell();
  }

  #add(rows: RowSet, found: Float64Array): void {
    for (const row of found) {
      if (row < this.#fromRow) continue;
      if (row >= this.#endRow) return;
      if (rows.size >= this.#limit) return;
      rows.add(row);
    }
  }

  #summary(): SearchSummary {
    return {
      rows: this.#searchedRows,
      bytes: this.#searchedBytes,
      hits: this.rows.map(({ size }) => size),
      isComplete: this.#isComplete,
      damage: this.#damage,
    };
  }

  get #isStopped(): boolean {
    return this.#controller.signal.aborted;
  }

  #stop(): void {
    Atomics.store(this.#task.stop, 0, 1);
    this.#controller.abort();
  }

  #settle(state: { readonly error?: unknown }): void {
    this.#state = state;
    this.#tell();
  }

  #tell(): void {
    const { notify } = this.#news;
    this.#news = newsSignal();
    notify();
  }
}

interface NewsSignal {
  readonly promise: Promise<void>;
  notify(): void;
}

function newsSignal(): NewsSignal {
  let notify = () => {};
  const promise = new Promise<void>((resolve) => {
    notify = resolve;
  });
  return { promise, notify: () => notify() };
}
