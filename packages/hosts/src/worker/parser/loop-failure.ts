/** What went wrong in a turn of the loop: whose doing it was, and in what state it left the batches. */
import {
  EnvironmentError,
  type FailureDetails,
  HostError,
  PluginContractError,
  PluginError,
  PluginUnrecoverableError,
} from '@chipmunk-host/runtime/internal/worker';
import type { LostInstance } from '../../shared/protocol/parser-messages.js';
import type { ByteInput } from '../input/byte-input.js';
import type { Slice } from './slice-plan.js';

/** Bytes of input that an error carries. */
const EXCERPT_BYTES = 32;

/** What ends the session at once: the source failed while input was waited for, or there may be no other instance. */
export class LastFailure extends Error {
  constructor(cause: unknown) {
    super('No other instance of the parser would help.', { cause });
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

/** @param source where an excerpt of the input is taken from; undefined: none is */
export function describeFailure(
  offset: number,
  { bytes }: Slice,
  source: ByteInput | undefined,
  circumstances: Pick<FailureDetails, 'durationMs' | 'memoryBytes' | 'lastLines'>,
): FailureDetails {
  return { offset, sliceBytes: bytes, excerpt: excerptAt(offset, bytes, source), ...circumstances };
}

/** The thread of an instance that was lost could not say what it had been given. */
export function withExcerpts(failures: readonly LostInstance[], source: ByteInput): readonly LostInstance[] {
  return failures.map((failure) => {
    const { details } = failure.error;
    if (details === undefined || details.excerpt !== '') return failure;
    const excerpt = excerptAt(failure.offset, details.sliceBytes, source);
    return { ...failure, error: { ...failure.error, details: { ...details, excerpt } } };
  });
}

/** @param source undefined where errors are to hold nothing of the input */
function excerptAt(offset: number, sliceBytes: number, source: ByteInput | undefined): string {
  const excerpt = Buffer.alloc(Math.min(EXCERPT_BYTES, sliceBytes));
  const filled = sliceBytes === 0 || source === undefined ? 0 : source.read(excerpt, offset);
  return excerpt.subarray(0, filled).toString('hex');
}
