/** What the tests of the command line share: running it as users do, in a process of its own, and inputs to run it on. */
import { type ChildProcess, type ChildProcessByStdio, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';

export const PROGRAM = fileURLToPath(new URL('../bin/chipmunk-host.js', import.meta.url));

export interface Outcome {
  readonly stdout: Buffer;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export type CliProcess = ChildProcessByStdio<Writable, Readable, Readable>;

export interface Stage {
  directory: string;
  env: NodeJS.ProcessEnv;
  file(name: string, content: Uint8Array | string): Promise<string>;
  /** Starts the command with a home of its own, and with a standard input that stays open. */
  start(...args: readonly string[]): CliProcess;
  /** Starts it with other standard descriptors: files, for instance. */
  startWith(stdio: StdioOptions, ...args: readonly string[]): ChildProcess;
  /** Runs it to its end, which it has to come to by itself. */
  run(...args: readonly string[]): Promise<Outcome>;
}

export function setStage(): Stage {
  const stage = {} as Stage;
  const children: ChildProcess[] = [];
  const started = <Child extends ChildProcess>(child: Child): Child => {
    children.push(child);
    return child;
  };
  beforeAll(async () => {
    stage.directory = await mkdtemp(join(tmpdir(), 'cli-test-'));
    await mkdir(join(stage.directory, 'home'));
    stage.file = async (name, content) => {
      const path = join(stage.directory, name);
      await writeFile(path, content);
      return path;
    };
    const home = join(stage.directory, 'home');
    const temporary = join(home, 'tmp');
    await mkdir(temporary);
    const env = { ...process.env, HOME: home, USERPROFILE: home, TMPDIR: temporary };
    stage.env = env;
    stage.start = (...args) =>
      started(spawn(process.execPath, [PROGRAM, ...args], { cwd: stage.directory, env, stdio: 'pipe' }));
    stage.startWith = (stdio, ...args) =>
      started(spawn(process.execPath, [PROGRAM, ...args], { cwd: stage.directory, env, stdio }));
    stage.run = (...args) => outcome(stage.start(...args));
  });
  afterAll(() => {
    // A test that failed may have left one that would run for ever.
    for (const child of children) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    return rm(stage.directory, { recursive: true, force: true });
  });
  return stage;
}

/** Reads all that a process writes, until it has ended. */
export async function outcome(child: ChildProcessByStdio<Writable | null, Readable, Readable>): Promise<Outcome> {
  const stdout: Buffer[] = [];
  const stderr: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString(), code, signal };
}

/** The summary that `--summary json` prints: the last line on stderr. */
export function summaryOf({ stderr }: Outcome): Record<string, unknown> {
  return JSON.parse(stderr.trimEnd().split('\n').at(-1) ?? '') as Record<string, unknown>;
}

export interface Line {
  readonly offset: number;
  readonly length: number;
  readonly text: string;
}

/** What string-parser must make of a text that is valid UTF-8, written as plainly as can be. */
export function referenceLines(content: Buffer): Line[] {
  const lines: Line[] = [];
  for (let offset = 0; offset < content.length; ) {
    const lineBreak = content.indexOf('\n', offset);
    const end = lineBreak === -1 ? content.length : lineBreak;
    const hasReturn = lineBreak > offset && content[lineBreak - 1] === 0x0d;
    const length = (lineBreak === -1 ? end : end + 1) - offset;
    lines.push({ offset, length, text: content.toString('utf8', offset, hasReturn ? end - 1 : end) });
    offset += length;
  }
  return lines;
}
