/** What all cases of sources share. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createParserPool, type WorkerPool } from '@chipmunk-host/hosts';
import type { CompiledComponent } from '@chipmunk-host/runtime';
import { stringParser } from './bench-plugins.js';

export interface SourceStage {
  /** The string parser. */
  readonly component: CompiledComponent;
  readonly pool: WorkerPool;
  /** For what cases put on disk. */
  readonly directory: string;
  close(): Promise<void>;
}

export async function openSourceStage(maxInstances = 8): Promise<SourceStage> {
  const directory = await mkdtemp(join(tmpdir(), 'chipmunk-bench-sources-'));
  const pool = createParserPool({ maxInstances });
  return {
    component: await stringParser(),
    pool,
    directory,
    async close() {
      await pool.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
