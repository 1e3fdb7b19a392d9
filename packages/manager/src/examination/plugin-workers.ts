/** The workers that a manager runs plugins in: a pool that is made when it is first needed, so that listing plugins takes none. */
import { createParserPool } from '@chipmunk-host/hosts';
import { HostError } from '@chipmunk-host/runtime';
import { defaultMaxInstances, type PoolUsage, type WorkerPool } from '@chipmunk-host/runtime/internal';

export class PluginWorkers {
  /** See `WorkerPoolOptions`. */
  readonly #size: { readonly maxInstances: number | undefined; readonly prewarm: number | undefined };
  #pool: WorkerPool | undefined;
  #isEnding = false;

  constructor(size: { readonly maxInstances: number | undefined; readonly prewarm: number | undefined }) {
    this.#size = size;
  }

  /** @throws HostError `ERR_CLOSED` */
  pool(): WorkerPool {
    this.requireOpen();
    const { maxInstances, prewarm } = this.#size;
    this.#pool ??= createParserPool({
      ...(maxInstances === undefined ? {} : { maxInstances }),
      ...(prewarm === undefined ? {} : { prewarm }),
    });
    return this.#pool;
  }

  /** Of a pool that was not needed yet, nothing is in use. */
  get usage(): PoolUsage {
    return (
      this.#pool?.usage ?? { maxInstances: this.#size.maxInstances ?? defaultMaxInstances(), inUse: 0, waiting: 0 }
    );
  }

  /** @throws HostError `ERR_CLOSED` once the manager is being closed */
  requireOpen(): void {
    if (this.#isEnding) throw new HostError('ERR_CLOSED', 'The plugins manager is closed.');
  }

  /** From now on `pool` and `requireOpen` throw; what runs goes on until `close`. */
  end(): void {
    this.#isEnding = true;
  }

  async close(): Promise<void> {
    this.end();
    await this.#pool?.close();
  }
}
