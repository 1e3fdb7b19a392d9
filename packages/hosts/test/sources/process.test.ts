/** Sessions over the output of commands: real processes, which are killed, stopped and left alone. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type IngestOptions, IngestSession, type SourceNotice } from '@chipmunk-host/hosts';
import { describe, expect, test } from 'vitest';
import { readAll, setStage } from '../support.js';
import { EQUAL_CASES, equalItems, itemsOf, sourceParsers } from './equal-items.js';

const stage = setStage();
const parsers = sourceParsers(stage);
const NODE = process.execPath;

type Command = Extract<IngestOptions['source'], { process: unknown }>['process'];
const open = (command: Command, options: Partial<IngestOptions> = {}) =>
  IngestSession.open({
    component: stage.stringParser,
    pool: stage.pool,
    source: { process: command },
    ...options,
  });

/** Texts of the items, and what the source tells. */
async function textsAndNotices(session: IngestSession) {
  const texts: string[] = [];
  const notices: SourceNotice[] = [];
  for await (const element of session) {
    if (element.type === 'batch') for (const { text } of element) texts.push(text);
    if (element.type === 'source') notices.push(element);
  }
  return { texts, notices };
}

describe('a session over a command', () => {
  test.each(EQUAL_CASES)('has the items of the same bytes as a file: %s, in pieces of %d', async (parser, piece) => {
    const { file, ...plugin } = await parsers(parser, piece);
    const program = join(stage.directory, 'write-pieces.mjs');
    await writeFile(program, WRITER);
    const session = await open({ command: [NODE, program, file, String(piece)] }, plugin);
    await equalItems(session, await itemsOf(await stage.open({ ...plugin, source: { file } })));
  });

  test.each([
    ['exit 0', 'has exited.', { code: 0 }],
    ['exit 3', 'has exited with code 3.', { code: 3 }],
    ['kill -TERM $$', 'was ended by SIGTERM.', { signal: 'SIGTERM' }],
  ])('tells how it has ended: %s', async (end, said, details) => {
    const session = await open({ command: ['/bin/sh', '-c', `echo one; ${end}`] });
    const { texts, notices } = await textsAndNotices(session);
    expect(texts).toEqual(['one']);
    expect(notices.map(({ event, message, details: all }) => ({ event, message, ...all }))).toEqual([
      { event: 'exited', message: expect.stringContaining(said), ...details },
    ]);
    expect(session.summary.status).toBe('completed');
  });

  test('has the words of its command line, and no shell expands anything', async () => {
    const session = await open({ command: `printf '%s\\n' "a b" $HOME '*' a\\ b` });
    expect((await textsAndNotices(session)).texts).toEqual(['a b', '$HOME', '*', 'a b']);
  });

  test('has a shell where it asks for one, and what it is given', async () => {
    const session = await open({
      command: 'echo $NAME | tr a-z A-Z; pwd; echo $HOME',
      shell: true,
      environment: { NAME: 'value', PATH: process.env.PATH ?? '' },
      directory: stage.directory,
    });
    expect((await textsAndNotices(session)).texts).toEqual(['VALUE', stage.directory, '']);
  });

  test('has whole lines of both outputs', async () => {
    const script = 'printf one >&2; printf "two\\n"; printf " more\\nrest" >&2; printf end';
    const session = await open({ command: ['/bin/sh', '-c', script], output: 'both' });
    const { texts } = await textsAndNotices(session);
    expect(texts.join('\n').split('\n').sort().join()).toContain('one more');
    expect(texts).toContain('two');
    expect(texts.join('')).toContain('rest');
    expect(texts.join('')).toContain('end');
  });

  test.each([
    [{ command: 'no-such-program-here' }, /no-such-program-here.*was not found/],
    [{ command: 'true', directory: '/no/such/folder' }, /in the folder '\/no\/such\/folder'/],
    [{ command: [] }, /has no first word/],
    [{ command: "a 'b" }, /is not closed/],
  ])('that cannot be run says so: %j', async (command, message) => {
    await expect(open(command as Command)).rejects.toThrow(message);
    expect(stage.pool.usage).toMatchObject({ inUse: 0 });
  });
});

/** A program that ignores SIGTERM, with a child that does, too. It writes the numbers of both. */
const STUBBORN = `trap '' TERM; (trap '' TERM; while :; do sleep 0.05; done) & echo "$$"; echo "$!"; echo ready; wait`;

function isAlive(pid: number): boolean {
  try {
    // A zombie has ended: it only waits for whoever started it.
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe.runIf(process.platform === 'linux')('the processes of a session', () => {
  test.each(['close', 'stop'] as const)('end with it, all of their group: %s', async (how) => {
    const session = await open({ command: ['/bin/sh', '-c', STUBBORN] }, { maxLatencyMs: 0 });
    const pids: number[] = [];
    for await (const batch of session.batches()) {
      for (const { text } of batch) {
        if (text !== 'ready') pids.push(Number(text));
        else if (how === 'stop') session.stop();
      }
      if (how === 'close' && pids.length === 2) break;
    }
    await session.ended;
    expect(pids.length).toBe(2);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test('are waited for while the session is paused, and lose nothing', async () => {
    const count = 200_000;
    const session = await open({ command: ['/bin/sh', '-c', `seq 1 ${count}`] });
    session.pause();
    session.resume();
    session.pause();
    const rows = readAll(session);
    for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
    session.resume();
    expect((await rows).length).toBe(count);
  });

  test('that is killed from outside leaves a prefix of what it wrote, and says so', async () => {
    const session = await open({ command: ['/bin/sh', '-c', 'echo $$; while :; do echo line; done'] });
    let pid = 0;
    let count = 0;
    let killed = false;
    const notices: SourceNotice[] = [];
    for await (const element of session) {
      if (element.type === 'source') notices.push(element);
      if (element.type !== 'batch') continue;
      for (const { text } of element) {
        if (pid === 0) pid = Number(text);
        else if (text === 'line') count++;
      }
      if (count > 0 && !killed) killed = process.kill(pid, 'SIGKILL');
    }
    expect(count).toBeGreaterThan(0);
    expect(notices.map(({ details }) => details?.signal)).toEqual(['SIGKILL']);
  });
});

/** Writes a file in pieces, as fast as they are taken. */
const WRITER = `
  import { once } from 'node:events';
  import { readFileSync } from 'node:fs';
  const [file, piece] = process.argv.slice(2);
  const content = readFileSync(file);
  for (let at = 0; at < content.length; at += Number(piece))
    if (!process.stdout.write(content.subarray(at, at + Number(piece)))) await once(process.stdout, 'drain');
`;
