/** What a plugin that eats all the memory that it can get costs the process: measured in one that does nothing else. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { setStage } from '../support.js';
import { faultyPlugin } from './faulty-plugin.mjs';

const stage = setStage();
const MIB = 1024 * 1024;
/** What the process may take beside the plugin's memory, in bytes. */
const ALLOWANCE_BYTES = 64e6;

interface Measured {
  /** Before the session, and at most during it; in bytes. */
  readonly residentBefore: number;
  readonly residentMost: number;
  readonly restarts: number;
  /** Of the plugin, when it was refused more. */
  readonly memoryBytes: readonly number[];
}

/** Long enough for more instances than two. */
const NARROWING_MS = '4000';
/** Touching that much memory several times takes its time on a busy machine. */
const TIME_LIMIT_MS = 300_000;

describe('a plugin that eats all it can never brings the process beyond what it had, its cap, and 64 MB, with', () => {
  test.each([
    ['the default cap', undefined, 512 * MIB],
    ['a cap of 128 MiB', 128 * MIB, 128 * MIB],
    ['a cap of 2 MiB', 2 * MIB, 2 * MIB],
  ])(
    '%s',
    async (_, option, cap) => {
      const { residentBefore, residentMost, restarts, memoryBytes } = await eatInProcess(option);
      // Each of them by an instance of its own.
      expect(restarts).toBeGreaterThan(1);
      expect(memoryBytes.length).toBeGreaterThan(0);
      for (const bytes of memoryBytes) {
        // It grows by 1 MiB at a time.
        expect(bytes).toBeGreaterThan(cap - MIB);
        expect(bytes).toBeLessThanOrEqual(cap);
      }
      expect(residentMost - residentBefore).toBeLessThan(cap + ALLOWANCE_BYTES);
      // Else it is not the plugin's memory that was measured.
      if (cap >= ALLOWANCE_BYTES) expect(residentMost - residentBefore).toBeGreaterThan(cap / 2);
    },
    TIME_LIMIT_MS,
  );
});

/** A process with a worker that is warm; in it, instance after instance eats what it can get. */
async function eatInProcess(memoryBytes: number | undefined): Promise<Measured> {
  const component = join(stage.directory, 'eater.wasm');
  await writeFile(component, await faultyPlugin());
  const warm = await stage.input('first\n');
  const hungry = await stage.input('first\n!memory\nlast\n');
  const source = `
    import { readFileSync, writeFileSync } from 'node:fs';
    import { compile } from '@chipmunk-host/runtime';
    import { createParserPool, IngestSession } from '@chipmunk-host/hosts';
    const [path, warm, hungry, narrowingMs, cap] = process.argv.slice(1);
    const component = await compile(readFileSync(path), cap === '' ? {} : { memoryBytes: Number(cap) });
    const pool = createParserPool();
    const memoryBytes = [];
    async function ingest(file) {
      const recovery = { narrowingMs: Number(narrowingMs) };
      const session = await IngestSession.open({ component, pool, source: { file }, recovery, deadlineMs: Infinity });
      for await (const element of session) if (element.type !== 'batch') memoryBytes.push(element.error.details.memoryBytes);
      return session.summary.restarts;
    }
    await ingest(warm);
    const residentBefore = process.memoryUsage.rss();
    let residentMost = residentBefore;
    // Where the kernel keeps the highest mark itself, that is exact.
    let mark = () => 0;
    try {
      writeFileSync('/proc/self/clear_refs', '5');
      mark = () => Number(/^VmHWM:\\s+(\\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0) * 1024;
    } catch {}
    const timer = setInterval(() => {
      residentMost = Math.max(residentMost, process.memoryUsage.rss());
    }, 5);
    const restarts = await ingest(hungry);
    clearInterval(timer);
    residentMost = Math.max(residentMost, mark());
    console.log(JSON.stringify({ residentBefore, residentMost, restarts, memoryBytes }));
    await pool.close();`;
  return new Promise((resolve, reject) => {
    const args = [
      '--input-type=module',
      '-e',
      source,
      component,
      warm,
      hungry,
      NARROWING_MS,
      String(memoryBytes ?? ''),
    ];
    execFile(process.execPath, args, { cwd: import.meta.dirname }, (error, stdout) =>
      error ? reject(error) : resolve(JSON.parse(stdout)),
    );
  });
}
