/** Every command, and where its output may go wrong: the right exit code and message, whatever the command is. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, openSync } from 'node:fs';
import { cp, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buildFragile } from '@chipmunk-host/test-plugins';
import { beforeAll, describe, expect, test } from 'vitest';
import { runOnDisk, whyNoMounts } from './full-disk.js';
import { setStage } from './support.js';

const stage = setStage();
const noMounts = whyNoMounts();
/** Stands for a plugins directory that no other run changes. */
const OWN = '<plugins>';

beforeAll(async () => {
  await stage.file('x.log', 'one\ntwo\n');
  const plugin = await stage.file('fragile.wasm', await buildFragile());
  const failing = await stage.file('failing.log', 'one\nBAD\n');
  await stage.run('ingest', failing, '-p', plugin, '-f', 'none', '--quarantine', 'kept');
  await stage.run('ingest', 'x.log', '-p', 'string-parser', '--spool', 'x.spool');
  const [kept = ''] = await readdir(join(stage.directory, 'kept'));
  await cp(join(stage.directory, 'kept', kept), join(stage.directory, 'input.quarantine'));
  expect((await stage.run('ingest', 'x.log', '-p', 'string-parser', '--spool', 'kept')).code).toBe(0);
  await mkdir(join(stage.directory, 'plugins'));
  expect((await stage.run('plugins', 'add', plugin, '--plugins-dir', 'plugins')).code).toBe(0);
  // What the many runs would else compile each by itself, and at the same time.
  for (const directory of [[], ['--plugins-dir', 'plugins']])
    expect((await stage.run('plugins', 'list', ...directory)).code).toBe(0);
});

/** The arguments with paths that hold in every working directory, and plugins that are this run's own. */
async function prepared(args: readonly string[]): Promise<readonly string[]> {
  const own = join(stage.directory, `plugins-${++runs}`);
  if (args.includes(OWN)) await cp(join(stage.directory, 'plugins'), own, { recursive: true });
  return args.map((arg) => (arg === OWN ? own : arg.startsWith('./') ? join(stage.directory, arg) : arg));
}
let runs = 0;

async function runWith(stdout: number, args: readonly string[]) {
  const child = stage.startWith(['ignore', stdout, 'pipe'], ...(await prepared(args)));
  const stderr: Buffer[] = [];
  child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
  const [code] = await once(child, 'close');
  closeSync(stdout);
  return { code, stderr: Buffer.concat(stderr).toString() };
}

/** A pipe whose reader has gone away. */
function closedPipe(): number {
  const path = join(stage.directory, `pipe-${++runs}`);
  expect(spawnSync('mkfifo', [path]).status).toBe(0);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(path, constants.O_WRONLY);
  closeSync(reader);
  return writer;
}

const INGEST = ['ingest', './x.log', '-p', 'string-parser', '-f'];
const WITH_OUTPUT: readonly (readonly string[])[] = [
  ['--help'],
  ['--version'],
  ['ingest', '--help'],
  ['help', 'plugins'],
  [...INGEST, 'text'],
  [...INGEST, 'ndjson'],
  [...INGEST, 'msgpack'],
  ['replay', './input.quarantine', '-p', 'string-parser'],
  ['show', './x.spool'],
  ['show', './x.spool', '-f', 'ndjson'],
  ['show', './x.spool', '--info'],
  ['search', './kept', 'one'],
  ['search', './kept', 'one', '--count'],
  ['plugins', 'list'],
  ['plugins', 'show', 'string-parser'],
  ['plugins', 'config', 'string-parser', 'prefix=x'],
  ['plugins', 'logs', 'string-parser'],
  ['plugins', 'doctor', '--plugins-dir', OWN],
  ['doctor', '--plugins-dir', OWN],
  ['plugins', 'add', './fragile.wasm', '--replace', '--plugins-dir', OWN],
  ['plugins', 'update', './fragile.wasm', '--plugins-dir', OWN],
  ['plugins', 'remove', 'fragile', '--plugins-dir', OWN],
  ['plugins', 'reload', 'fragile', '--plugins-dir', OWN],
  ['plugins', 'disable', 'fragile', '--plugins-dir', OWN],
  ['plugins', 'enable', 'fragile', '--plugins-dir', OWN],
  ['plugins', 'pin', 'fragile', '--plugins-dir', OWN],
  ['completion', 'bash'],
  ['__complete', '--', 'plugins', ''],
];
const rows = (commands: typeof WITH_OUTPUT) => commands.map((args) => [args.join(' '), args] as const);
const NO_ROOM =
  /^error ERR_OUTPUT_WRITE: .*annot write to standard output after 0 bytes: ENOSPC: .*\n {2}help: The disk is full/;

describe.skipIf(process.platform !== 'linux')('a command with output', () => {
  test.each(rows(WITH_OUTPUT))('fails on a full device: %s', async (_, args) => {
    const { code, stderr } = await runWith(openSync('/dev/full', 'w'), args);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(NO_ROOM) });
  });

  test.skipIf(noMounts !== undefined).each(rows(WITH_OUTPUT))(
    `fails on a full disk${noMounts === undefined ? '' : ` (${noMounts})`}: %s`,
    async (_, args) => {
      const { code, stderr } = await runOnDisk(stage, { size: '1m', full: true }, ...(await prepared(args)));
      expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringMatching(NO_ROOM) });
    },
  );

  test.each(rows(WITH_OUTPUT))('ends quietly when its reader has gone away: %s', async (_, args) => {
    expect(await runWith(closedPipe(), args)).toEqual({ code: 0, stderr: '' });
  });
});

describe.skipIf(process.platform !== 'linux')('a command without output', () => {
  test('does not care where it would go', async () => {
    for (const stdout of [openSync('/dev/full', 'w'), closedPipe()]) {
      const { code, stderr } = await runWith(stdout, [...INGEST, 'none']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^completed: 2 items/) });
    }
  });
});

describe.skipIf(process.platform !== 'linux')('messages that cannot be written', () => {
  const into = async (stderr: number, ...args: readonly string[]) => {
    const [code, signal] = await once(stage.startWith(['ignore', 'ignore', stderr], ...(await prepared(args))), 'exit');
    closeSync(stderr);
    return { code, signal };
  };
  const summary = [...INGEST, 'none', '--summary', 'json'];

  test('are a failure, and not the end of the work', async () => {
    expect(await into(openSync('/dev/full', 'w'), ...summary)).toEqual({ code: 1, signal: null });
  });

  test('because their reader is gone are no failure', async () => {
    expect(await into(closedPipe(), ...summary)).toEqual({ code: 0, signal: null });
  });

  test('leave other exit codes as they are', async () => {
    expect((await into(openSync('/dev/full', 'w'), 'ingest', './x.log', '--no-such-option')).code).toBe(2);
  });
});
