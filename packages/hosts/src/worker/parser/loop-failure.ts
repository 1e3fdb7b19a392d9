/** Errors in the loop: whether they end the session, in what state they leave the batches, and the input on which they came. */
import {
  EnvironmentError,
  HostError,
  PluginContractError,
  PluginError,
  PluginUnrecoverableError,
} from '@chipmunk-host/runtime/internal/worker';
import type { LostInstance } from '../../shared/protocol/parser-messages.js';
import type { ByteInput } from '../input/byte-input.js';

/** Bytes of input that an error carries. */
const EXCERPT_BYTES = 32;

/** What ends the session at once: the source failed while input was waited for, or there may be no other instance. */
export class LastFailure extends Error {
  constructor(cause: unknown) {
    super('Another instance of the parser would not help.', { cause });
  }
}

/** The error that ends the session at once, if it is one. */
export function lastFailure(thrown: unknown): { readonly error: unknown } | undefined {
  if (thrown instanceof LastFailure) return { error: thrown.cause };
  return thrown instanceof PluginError && thrown.phase === 'read' ? { error: thrown } : undefined;
}

/** Whether an error of the host's own code came at a point where what was gathered is as it should be. */
export function leavesBatchesWhole(error: unknown): boolean {
  // Memory may be wanting in the middle of anything.
  if (error instanceof EnvironmentError) return false;
  const isHostsOwn = error instanceof HostError && !(error instanceof PluginError);
  return isHostsOwn || error instanceof PluginContractError || error instanceof PluginUnrecoverableError;
}

/** The thread of an instance that was lost could not say what it had been given. */
export function withExcerpts(failures: readonly LostInstance[], input: ByteInput): readonly LostInstance[] {
  return failures.map((failure) => {
    const { details } = failure.error;
    if (details === undefined || details.excerpt !== '') return failure;
    const excerpt = excerptAt(failure.offset, details.sliceBytes, input);
    return { ...failure, error: { ...failure.error, details: { ...details, excerpt } } };
  });
}

/** The first bytes of a slice, in hexadecimal. */
export function excerptAt(offset: number, sliceBytes: number, input: ByteInput): string {
  const excerpt = Buffer.alloc(Math.min(EXCERPT_BYTES, sliceBytes));
  const filled = sliceBytes === 0 ? 0 : input.read(excerpt, offset);
  return excerpt.subarray(0, filled).toString('hex');
}
