/** Searches of a spool, against a program that searches the text itself; and two searches in one pass, against two passes. */
import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import { type SearchQuery, type SpoolReader, searchSpool } from '@chipmunk-host/spool';
import { type Case, type Outcome, type Side, throughput } from '../suite.js';

const RARE: SearchQuery = { pattern: 'seq 77777,', fixed: true };
const PATTERN: SearchQuery = { pattern: 'timeout .*seq \\d*7778,' };
const OTHER: SearchQuery = { pattern: 'calibration table loaded from flash at offset 0x0001f400 (seq 77', fixed: true };

export interface SearchedText {
  readonly reader: SpoolReader;
  /** Of the log that is in the spool. */
  readonly file: string;
  readonly bytes: number;
}

export function searchCases({ reader, file, bytes }: SearchedText): readonly Case[] {
  const ours = (...queries: readonly SearchQuery[]): Side => ({
    name: queries.map(({ pattern }) => JSON.stringify(pattern)).join(' and '),
    run: () => search(reader, queries),
  });
  const passes = (...queries: readonly SearchQuery[]): Side => ({
    name: 'one pass for each',
    async run() {
      const digests: string[] = [];
      for (const query of queries) digests.push((await search(reader, [query])).digest);
      return digests.join(', ');
    },
  });
  return [
    { name: 'search-literal', ...throughput(bytes), ours: ours(RARE), baseline: textSearch(file, RARE) },
    { name: 'search-regex', ...throughput(bytes), ours: ours(PATTERN), baseline: textSearch(file, PATTERN) },
    { name: 'search-two', ...throughput(bytes), ours: ours(RARE, OTHER), baseline: passes(RARE, OTHER) },
  ];
}

async function search(reader: SpoolReader, queries: readonly SearchQuery[]): Promise<Outcome> {
  const startedAt = performance.now();
  const found = await searchSpool(reader, queries);
  let firstAfter: number | undefined;
  let searched = 0;
  for await (const _ of found.hitsOfAny()) {
    firstAfter ??= performance.now() - startedAt;
    searched ||= found.searchedRows;
  }
  const { hits, rows } = await found.ended;
  const details = { 'first hit, ms': firstAfter ?? 0, 'searched before it, %': (searched / rows) * 100 };
  return { digest: hits.map((count) => `${count} hits`).join(', '), details };
}

/** Debian's ripgrep where it is installed, else grep. */
function textSearch(file: string, { pattern, fixed = false }: SearchQuery): Side {
  const isThere = spawnSync('rg', ['--version'], { stdio: 'ignore' }).error === undefined;
  const program = isThere ? 'rg' : 'grep';
  const syntax = fixed ? ['-F'] : isThere ? [] : ['-P'];
  const args = ['-c', ...syntax, '-e', pattern, file];
  return {
    name: `${program} -c ${syntax.join(' ')}, the whole process`.replace('  ', ' '),
    async run() {
      const { stdout } = await promisify(execFile)(program, args, { env: { ...process.env, LC_ALL: 'C' } });
      return `${stdout.trim()} hits`;
    },
  };
}
