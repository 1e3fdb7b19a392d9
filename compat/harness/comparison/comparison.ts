/** Both hosts over all cases: what differs is told line by line, and counted. */
import { randomCase } from '../cases.js';
import { type ComparisonCase, stageCase, stringParserCase } from './comparison-case.js';
import { type ExpectedOutcomes, readExpected, stored, writeExpected } from './expected.js';
import { differsOnPurpose, fixedCases, mayBeKept, SHARED_TEXTS, sharedTextsAreThere } from './fixed-cases.js';
import { HostRunner } from './host-runner.js';
import { OracleRunner } from './oracle-runner.js';
import { differences, type Outcome } from './outcome.js';

const RANDOM_PLUGINS = ['lines', 'records', 'csv', 'json-lines'] as const;
/** Of the random cases, some have a small window. */
const SMALLEST_WINDOW = 16;

export class Comparison implements AsyncDisposable {
  readonly #host = new HostRunner();
  readonly #oracle: OracleRunner;
  readonly #directory: string;
  readonly #tell: (line: string) => void;
  #fixedCases = 0;
  #randomCases = 0;
  #ruleDifferences = 0;
  #failures = 0;
  #seeds = '';

  /**
   * @param binary the oracle
   * @param directory where inputs are written
   * @param tell takes the lines of the report
   */
  constructor(binary: string, directory: string, tell: (line: string) => void) {
    this.#oracle = new OracleRunner(binary, directory);
    this.#directory = directory;
    this.#tell = tell;
  }

  /** Cases of which something differs that should not. */
  get failures(): number {
    return this.#failures;
  }

  get summary(): string {
    const cases = `${this.#fixedCases} fixed and ${this.#randomCases} random cases${this.#seeds}`;
    const rules = `${this.#ruleDifferences} differ by Chipmunk's rules, as documented`;
    return this.#failures === 0
      ? `oracle: ${cases}, all the same; ${rules}`
      : `oracle: ${cases}, ${this.#failures} NOT the same; ${rules}`;
  }

  /** @param update whether the committed outcomes are replaced instead of compared */
  async fixed(update: boolean): Promise<void> {
    const expected = readExpected();
    const found: Record<string, ExpectedOutcomes> = {};
    if (!sharedTextsAreThere()) this.#tell(`oracle: skipped: there are no logs in ${SHARED_TEXTS}`);
    for (const each of fixedCases(this.#directory)) {
      this.#fixedCases++;
      const oracle = await this.#oracle.run(each, 'host');
      const chipmunk = await this.#oracle.run(each, 'chipmunk');
      const between = differences(await this.#host.run(each), oracle);
      if (!differsOnPurpose(each)) this.#report(each, between);
      else if (between.length === 0) this.#report(each, ['the same, though it is said to differ']);
      const whole = mayBeKept(each);
      const differs = differences(chipmunk, oracle).length > 0;
      if (differs) this.#ruleDifferences++;
      found[each.name] = {
        host: stored(oracle, whole),
        ...(differs ? { chipmunk: stored(chipmunk, whole) } : {}),
      };
      if (!update && JSON.stringify(found[each.name]) !== JSON.stringify(expected[each.name]))
        this.#report(each, ['the oracle does not come to what is committed; --update replaces that']);
    }
    // Outcomes of logs that are missing here stay.
    if (update) writeExpected(sharedTextsAreThere() ? found : { ...expected, ...found });
  }

  /** So many cases of each plugin that has random ones. */
  async random(seed: number, count: number): Promise<void> {
    this.#seeds = ` (seeds ${seed} to ${seed + count - 1})`;
    for (let at = seed; at < seed + count; at++) for (const each of this.#randomCasesOf(at)) await this.#compare(each);
  }

  #randomCasesOf(seed: number): ComparisonCase[] {
    const window = seed % 3 === 0 ? { bufferBytes: SMALLEST_WINDOW + (seed % 4099) } : {};
    const staged = RANDOM_PLUGINS.map((plugin) => stageCase(randomCase(plugin, seed), this.#directory, window));
    const text = staged[0]?.file as string;
    const own = stringParserCase(`string-parser-random-${seed}`, text, {
      lossy: seed % 2 === 0,
      columns: seed % 5 === 0,
    });
    return [...staged, { ...own, ...window }];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#oracle[Symbol.asyncDispose](), this.#host[Symbol.asyncDispose]()]);
  }

  async #compare(each: ComparisonCase): Promise<void> {
    this.#randomCases++;
    const oracle = await this.#oracle.run(each, 'host');
    this.#report(each, differences(await this.#host.run(each), oracle));
    // With other buffers than Chipmunk's, its rules for them show.
    if (each.bufferBytes !== undefined) return;
    const chipmunk = await this.#oracle.run(each, 'chipmunk');
    const found = differences(chipmunk, oracle);
    if (found.length === 0) return;
    if (endedEarly(chipmunk, oracle) || splitFurther(chipmunk, oracle)) this.#ruleDifferences++;
    else
      this.#report(
        each,
        found.map((line) => `by Chipmunk's rules: ${line}`),
      );
  }

  #report({ name }: ComparisonCase, lines: readonly string[]): void {
    if (lines.length > 0) this.#failures++;
    for (const line of lines) this.#tell(`${name}: ${line}`);
  }
}

/**
 * Chipmunk has one counter for two kinds of error, and its limit for 'incomplete' also holds at the end of the input. What is
 * behind 'eof' it does not account for.
 */
function endedEarly(chipmunk: Outcome, host: Outcome): boolean {
  if (chipmunk.error?.code === 'ERR_PLUGIN_UNRECOVERABLE') return host.ndjson.startsWith(chipmunk.ndjson);
  const unread = host.bytes - chipmunk.bytes;
  return (
    chipmunk.error === host.error &&
    chipmunk.ndjson === host.ndjson &&
    unread > 0 &&
    host.skippedBytes - chipmunk.skippedBytes === unread
  );
}

/** Chipmunk splits a line at every U+0004, also behind the columns that are named. */
function splitFurther(chipmunk: Outcome, host: Outcome): boolean {
  return chipmunk.error === host.error && joined(chipmunk.ndjson) === joined(host.ndjson);
}

function joined(ndjson: string): string {
  const items = ndjson.split('\n').slice(0, -1);
  return items
    .map((item) => JSON.stringify(JSON.parse(item, (key, value) => (key === 'columns' ? value.join('\u0004') : value))))
    .join('\n');
}
