/** What a figure was measured on. */
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

export function machine() {
  return {
    node: process.version,
    v8: process.versions.v8,
    platform: `${type()} ${release()} ${process.arch}`,
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
  };
}
