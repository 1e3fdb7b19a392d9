/** How far a session is from what the machine itself can do with the same file, in the same run. */
import { execFile, spawnSync } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { promisify } from 'node:util';
import { createParserPool, IngestSession, type SessionSummary } from '@chipmunk-host/hosts';
import { STRING_PARSER_WINDOW_BYTES, stringParser } from '../bench-plugins.js';
import { InputFiles } from '../input-file.js';
import { logText } from '../log-text.js';
import { type Case, type OpenedSuite, type Side, type SkippedCase, type Suite, throughput } from '../suite.js';

const INPUT_BYTES = 256 * 1024 * 1024;
/** Of a copy, as of a window: it stays in the processor's cache. */
const COPY_BYTES = 1024 * 1024;
const WASM_PAGE_BYTES = 65_536;

const run = promisify(execFile);

export const limits: Suite = {
  name: 'limits',
  description: 'file -> items on the main thread, undecoded, against what the machine can do with the file',
  async open(): Promise<OpenedSuite> {
    const files = await InputFiles.open();
    const text = logText(INPUT_BYTES);
    const file = await files.write('input.log', text);
    const component = await stringParser();
    const pool = createParserPool();
    const window = { bytes: STRING_PARSER_WINDOW_BYTES };
    const session = (count: (summary: SessionSummary) => string): Side => ({
      name: 'session, items counted',
      async run() {
        const opened = await IngestSession.open({ component, pool, source: { file }, window });
        for await (const _ of opened.batches());
        return count(opened.summary);
      },
    });
    const bytes = ({ bytes: count }: SessionSummary) => `${count} bytes`;
    const lines = ({ items }: SessionSummary) => `${items} lines`;
    const oneCase = (name: string, ours: Side, baseline: Side): Case => ({
      name,
      ...throughput(text.length),
      ours,
      baseline,
    });
    const cases = [
      {
        ...oneCase('read', session(bytes), readSide(file, 'an aligned buffer', 0)),
        others: [
          readSide(file, 'a buffer 8 bytes behind', 8),
          readSide(file, 'a buffer 16 bytes behind', 16),
          readSide(file, 'a buffer 64 bytes behind', 64),
        ],
      },
      oneCase('memcpy', session(bytes), { name: 'memcpy from memory', run: () => `${copyAll(text)} bytes` }),
    ];
    const skippedCases: SkippedCase[] = [];
    for (const counter of COUNTERS) {
      const reason = missing(counter);
      if (reason === undefined) cases.push(oneCase(counter.name, session(lines), counter.side(file)));
      else skippedCases.push({ name: counter.name, reason });
    }
    return {
      cases,
      skippedCases,
      async close() {
        await pool.close();
        await files.close();
      },
    };
  },
};

/** A program that counts the lines of a file, measured from its start to its end. */
interface Counter {
  readonly name: string;
  readonly program: string;
  side(file: string): Side;
}

const COUNTERS: readonly Counter[] = [counter('wc', 'wc', ['-l']), counter('rg', 'rg', ['--no-config', '-c', ''])];

function counter(name: string, program: string, args: readonly string[]): Counter {
  return {
    name,
    program,
    side: (file) => ({
      name: `the process ${[program, ...args.map((arg) => arg || "''")].join(' ')}`,
      async run() {
        const { stdout } = await run(program, [...args, file]);
        return `${Number.parseInt(stdout, 10)} lines`;
      },
    }),
  };
}

/** Why it cannot be measured here; undefined where it can. */
function missing({ program }: Counter): string | undefined {
  const { status, error } = spawnSync(program, ['--version'], { stdio: 'ignore' });
  if (error !== undefined) return `'${program}' cannot be run: ${error.message}`;
  return status === 0 ? undefined : `'${program} --version' ended with ${status}`;
}

/**
 * Memories of wasm begin at a page, and so does each part of the file that is read.
 * @param distance how many bytes behind a page the buffer begins: some make the processor's copy several times slower, see
 *   docs/performance.md
 */
function readSide(file: string, what: string, distance: number): Side {
  return {
    name: `read into ${what}`,
    run() {
      const descriptor = openSync(file, 'r');
      try {
        const target = alignedBytes(distance);
        let total = 0;
        for (let count = -1; count !== 0; total += count) count = readSync(descriptor, target, 0, target.length, total);
        return `${total} bytes`;
      } finally {
        closeSync(descriptor);
      }
    },
  };
}

function copyAll(text: Uint8Array): number {
  const target = alignedBytes(0);
  let total = 0;
  for (; total < text.length; ) {
    const part = text.subarray(total, total + target.length);
    target.set(part);
    total += part.length;
  }
  return total;
}

let memory: WebAssembly.Memory | undefined;

/** The same in every round: a fresh one would be measured with the kernel's zeroing of its pages. */
function alignedBytes(distance: number): Uint8Array {
  memory ??= new WebAssembly.Memory({ initial: COPY_BYTES / WASM_PAGE_BYTES + 1 });
  return new Uint8Array(memory.buffer, distance, COPY_BYTES);
}
