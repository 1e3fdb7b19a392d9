/** The warning about input that is in no item: how much it is, and the likely reason. */
import type { SessionSummary } from '@chipmunk-host/manager';
import { formatBytes } from '../terminal/quantities.js';
import { type NamedInput, signatureAdvice } from './file-signatures.js';
import { parseErrorLines } from './parse-errors.js';

export type LossCounts = Pick<SessionSummary, 'bytes' | 'items' | 'skippedBytes' | 'filteredItems'>;

/**
 * @param head what the input begins with
 * @returns undefined when nothing was lost, as far as that can be told
 */
export function lossWarning(
  input: NamedInput,
  head: Uint8Array,
  { bytes, items, filteredItems, skippedBytes, parseErrors }: LossCounts & Pick<SessionSummary, 'parseErrors'>,
): string | undefined {
  // With a limit of 0 nothing is read.
  const isFruitless = items + filteredItems === 0 && bytes > 0;
  if (skippedBytes === 0 && (!isFruitless || head.length === 0)) return undefined;
  const advice = signatureAdvice(head, input, isFruitless || 2 * skippedBytes > bytes);
  if (skippedBytes === 0) return advice;
  const are = skippedBytes === 1 ? 'is' : 'are';
  const share = `${formatBytes(skippedBytes)} of ${formatBytes(bytes)} ${are} in no item`;
  const headline = `${input.name}: ${share}: wrong parser or encoding?`;
  return [headline, ...(advice === undefined ? [] : [advice]), ...parseErrorLines(parseErrors, false)].join('\n  ');
}

/** From 0 to 1. */
export function skippedShare({ bytes, skippedBytes }: Pick<LossCounts, 'bytes' | 'skippedBytes'>): number {
  return bytes === 0 ? 0 : skippedBytes / bytes;
}
