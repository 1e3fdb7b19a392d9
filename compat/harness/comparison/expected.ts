/** The committed outcomes of the oracle: of small ones the items, of all their hash. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Outcome } from './outcome.js';

const FILE = join(import.meta.dirname, '..', '..', 'oracle', 'expected.json');
/** Items of more bytes than these are only told by their hash. */
const MOST_BYTES = 24 * 1024;

export interface StoredOutcome extends Omit<Outcome, 'ndjson'> {
  /** SHA-256 of the items' lines, in hexadecimal. */
  readonly sha256: string;
  /** The lines; undefined when they are many, or not ours to publish. */
  readonly lines?: readonly string[];
}

export interface ExpectedOutcomes {
  /** By the rules of docs/plugin-contract.md. */
  readonly host: StoredOutcome;
  /** By Chipmunk's rules, where they lead to something else. */
  readonly chipmunk?: StoredOutcome;
}

export function readExpected(): Readonly<Record<string, ExpectedOutcomes>> {
  return JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, ExpectedOutcomes>;
}

export function writeExpected(outcomes: Readonly<Record<string, ExpectedOutcomes>>): void {
  writeFileSync(FILE, `${JSON.stringify(outcomes, null, 2)}\n`);
}

/** @param whole whether the items themselves may be kept */
export function stored({ ndjson, ...counts }: Outcome, whole: boolean): StoredOutcome {
  const sha256 = createHash('sha256').update(ndjson).digest('hex');
  const lines = whole && ndjson.length <= MOST_BYTES ? { lines: ndjson.split('\n').slice(0, -1) } : {};
  return { ...counts, sha256, ...lines };
}
