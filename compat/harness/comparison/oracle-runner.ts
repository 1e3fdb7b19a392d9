/** Runs cases through the oracle: one process, jobs one after the other, each component compiled once. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { ComparisonCase, ConfigValues } from './comparison-case.js';
import { type Outcome, type RunError, withoutPaths } from './outcome.js';

/** `host` are the rules of docs/plugin-contract.md. */
export type Rules = 'host' | 'chipmunk';

interface Summary extends Omit<Outcome, 'ndjson'> {
  readonly error: RunError | undefined;
}

export class OracleRunner implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #reader: Interface;
  readonly #ended: Promise<string>;
  readonly #output: string;

  /** @param directory where items are put before they are read */
  constructor(binary: string, directory: string) {
    this.#output = join(directory, 'oracle.ndjson');
    const child = spawn(binary, ['jobs'], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#process = child;
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    // Told by what it leaves, below.
    child.stdin.on('error', () => {});
    this.#ended = new Promise((resolve) => {
      child.on('error', (error) => resolve(error.message));
      child.on('close', (code, signal) => resolve(`it ended with ${signal ?? code}: ${stderr}`));
    });
    this.#reader = createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY });
    this.#lines = this.#reader[Symbol.asyncIterator]();
  }

  /** One at a time. @throws Error when the oracle itself fails */
  async run(what: ComparisonCase, rules: Rules): Promise<Outcome> {
    const { parser, config, file, source, environment = {}, bufferBytes } = what;
    const job = {
      parser,
      config: pairs(config),
      file,
      source: source?.plugin,
      sourceConfig: pairs(source?.config ?? {}),
      rules,
      bufferBytes,
      environment,
      output: this.#output,
    };
    this.#process.stdin?.write(`${JSON.stringify(job)}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`The oracle failed at the case '${what.name}': ${await this.#ended}`);
    const { items, bytes, skippedBytes, error } = JSON.parse(value) as Summary;
    const ndjson = items === 0 ? '' : readFileSync(this.#output, 'utf8');
    return withoutPaths({ ndjson, items, bytes, skippedBytes, error }, what.directory);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.stdin?.end();
    await this.#ended;
    this.#reader.close();
    rmSync(this.#output, { force: true });
  }
}

/** As on a command line: one for each value, of lists one for each element. */
function pairs(config: ConfigValues): [id: string, text: string][] {
  return Object.entries(config).flatMap(([id, value]): [string, string][] =>
    Array.isArray(value) ? value.map((element: string) => [id, element]) : [[id, asText(value as string | number)]],
  );
}

function asText(value: string | number | boolean): string {
  return Object.is(value, -0) ? '-0' : String(value);
}
