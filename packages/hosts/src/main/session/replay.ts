/** Tries input that was quarantined once more: the same plugin, configuration and bytes, and no recovery. */
import { readFile } from 'node:fs/promises';
import { HostError } from '@chipmunk-host/runtime';
import type { ConfigInput } from '../../shared/config/config-schema.js';
import { decodeQuarantine, type QuarantinedInput } from '../../shared/quarantine-file.js';
import type { IngestOptions } from './ingest-options.js';
import { IngestSession } from './ingest-session.js';

/** @throws HostError `ERR_QUARANTINE` when there is no such file, or it is none */
export async function readQuarantine(path: string): Promise<QuarantinedInput> {
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new HostError('ERR_QUARANTINE', `Cannot read '${path}': ${cause.message}`, { cause });
  });
  return decodeQuarantine(bytes);
}

/** What a plugin did with quarantined input this time. */
export interface ReplayOutcome {
  /** Items that the plugin made of the input this time. */
  readonly items: number;
  /** How it failed this time; undefined when it did not. */
  readonly error: unknown;
  /** Whether the plugin is the very binary that failed. */
  readonly samePlugin: boolean;
}

/** @throws what keeps the session from starting */
export async function replay(
  quarantined: QuarantinedInput,
  options: Omit<IngestOptions, 'source' | 'config' | 'recovery' | 'quarantineDirectory'>,
): Promise<ReplayOutcome> {
  const config = Object.fromEntries(
    quarantined.config.map(({ id, value }): [string, ConfigInput] => [id, value.value]),
  );
  const samePlugin = options.component.hash === quarantined.hash;
  const source = { stream: once(quarantined.input) };
  const { plugin = quarantined.plugin, logLevel = quarantined.logLevel } = options;
  const settings = { ...options, plugin, logLevel };
  await using session = await IngestSession.open({ ...settings, source, config, recovery: { maxRestarts: 0 } });
  let items = 0;
  try {
    for await (const batch of session.batches()) items += batch.count;
    return { items, error: undefined, samePlugin };
  } catch (error) {
    return { items, error, samePlugin };
  }
}

async function* once(input: Uint8Array): AsyncGenerator<Uint8Array> {
  yield input;
}
