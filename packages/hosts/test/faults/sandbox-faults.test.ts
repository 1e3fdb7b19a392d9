/** What a plugin tries to do to the machine around it. */
import { mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogLine } from '@chipmunk-host/hosts';
import type { CompiledComponent } from '@chipmunk-host/runtime';
import { beforeAll, describe, expect } from 'vitest';
import { ACCESS_DENIED, FileError, line, PRINTED_BYTES, PRINTED_LINE_BYTES, type ProbeAct, prober } from './prober.js';
import { fault, setScene } from './scene.js';

const scene = setScene();
/** What is printed takes its time on a busy machine, and no time limit is what is tested there. */
const PRINTING_MS = 120_000;
/** So little that not all could be passed on in that time. */
const PASSED_BYTES_PER_SECOND = 65_536;
const { noEntry, notPermitted, crossDevice } = FileError;

let component: CompiledComponent;
beforeAll(async () => {
  component = await scene.wat(prober());
});

type Try = readonly [act: ProbeAct, path: string, answer: string | number];

/** Every answer in order, between two lines that must come through. */
async function expectAnswers(tries: readonly Try[], config: Record<string, string[]> = {}): Promise<void> {
  const lines = tries.map(([act, path]) => line(act, path)).join('');
  const outcome = await scene.ingest(`first\n${lines}last\n`, { component, config });
  const answers = tries.map(([act, path, answer]) => `${act} ${path}: ${shown(answer)}`);
  expect(outcome.error).toBeUndefined();
  expect(outcome.texts[0]).toBe('first\n');
  expect(tries.map(([act, path], i) => `${act} ${path}: ${outcome.texts[i + 1]}`)).toEqual(answers);
  expect(outcome.texts.slice(tries.length + 1)).toEqual(['last\n']);
  expect(outcome.summary).toMatchObject({ restarts: 0, gaps: 0 });
}

const shown = (answer: string | number) => (typeof answer === 'number' ? String(answer).padStart(2, '0') : answer);

interface Files {
  /** What is granted, and what lies beside it. */
  readonly granted: string;
  readonly secret: string;
}

let trees = 0;

async function files(): Promise<Files> {
  const root = join(scene.directory, `tree-${trees++}`);
  const granted = join(root, 'granted');
  await mkdir(join(granted, 'sub'), { recursive: true });
  await writeFile(join(granted, 'file'), 'content');
  await writeFile(join(root, 'secret'), 'a secret');
  await symlink('../secret', join(granted, 'up'));
  await symlink(join(root, 'secret'), join(granted, 'absolute'));
  await symlink('..', join(granted, 'parent'));
  await symlink('sub/../../secret', join(granted, 'crooked'));
  await symlink('file', join(granted, 'inside'));
  return { granted, secret: join(root, 'secret') };
}

async function expectUnchanged({ granted, secret }: Files): Promise<void> {
  expect(await readFile(secret, 'utf8')).toBe('a secret');
  expect(await readFile(join(granted, 'file'), 'utf8')).toBe('content');
  expect(await readlink(join(granted, 'up'))).toBe('../secret');
  const names = ['absolute', 'crooked', 'file', 'inside', 'parent', 'sub', 'up'];
  expect((await readdir(granted)).sort()).toEqual(names);
  expect(await readdir(join(granted, 'sub'))).toEqual([]);
}

describe('opens files outside its grants:', () => {
  fault(scene, 'by .., by absolute paths, and through links that point out', async () => {
    const tree = await files();
    await expectAnswers(
      [
        ['read', 'granted/file', 'content'],
        ['read', 'granted/inside', 'content'],
        ['read', '..', notPermitted],
        ['read', '../secret', notPermitted],
        ['read', 'secret', noEntry],
        ['read', 'granted/../secret', noEntry],
        ['read', 'granted/sub/../../secret', noEntry],
        ['read', 'granted/../../x', notPermitted],
        ['read', '/etc/passwd', notPermitted],
        ['read', tree.secret, notPermitted],
        ['read', 'granted/up', noEntry],
        ['read', 'granted/absolute', notPermitted],
        ['read', 'granted/parent/secret', noEntry],
        ['read', 'granted/crooked', noEntry],
      ],
      { root: [tree.granted] },
    );
    await expectUnchanged(tree);
  });

  fault(scene, 'by renaming, and by links that it makes itself', async () => {
    const tree = await files();
    await expectAnswers(
      [
        ['rename-to-temporary', 'granted/file', crossDevice],
        ['rename-to-temporary', 'granted/up', crossDevice],
        ['link-to-temporary', 'granted/file', crossDevice],
        ['link-to-temporary', 'granted/up', crossDevice],
        ['symlink-in-temporary', '../../etc/passwd', notPermitted],
        ['symlink-in-temporary', '/etc/passwd', notPermitted],
        ['symlink-in-temporary', tree.secret, notPermitted],
        ['symlink-in-temporary', 'a/../../secret', notPermitted],
        ['read-temporary', 'new', noEntry],
        ['symlink-in-temporary', 'nowhere', 'ok'],
        ['read-temporary', 'new', noEntry],
        ['read-temporary', '../secret', notPermitted],
        ['create-in-temporary', '../escaped', notPermitted],
        ['rename-in-temporary', '../secret', notPermitted],
      ],
      { root: [tree.granted] },
    );
    await expectUnchanged(tree);
  });

  fault(scene, 'without any grant', () =>
    expectAnswers([
      ['create-in-temporary', 'own', 'ok'],
      ['read', '/etc/passwd', notPermitted],
      ['read', '../../../../etc/passwd', notPermitted],
    ]),
  );
});

fault(scene, 'writes into a read-only grant', async () => {
  const tree = await files();
  await expectAnswers(
    [
      ['create', 'granted/created', notPermitted],
      ['create', 'granted/file', notPermitted],
      ['truncate', 'granted/file', notPermitted],
      ['make-directory', 'granted/made', notPermitted],
      ['remove', 'granted/file', notPermitted],
      ['rename', 'granted/file', notPermitted],
      ['symlink', 'granted/file', notPermitted],
      ['read', 'granted/file', 'content'],
    ],
    { root: [tree.granted] },
  );
  await expectUnchanged(tree);
});

fault(scene, 'reads the environment', async () => {
  expect(Object.keys(process.env).length).toBeGreaterThan(0);
  await expectAnswers([
    ['environment', '', 0],
    ['arguments', '', 0],
  ]);
});

fault(scene, 'opens sockets and resolves names', () =>
  expectAnswers([
    ['tcp', '', ACCESS_DENIED],
    ['udp', '', ACCESS_DENIED],
    ['resolve', 'localhost', ACCESS_DENIED],
  ]),
);

describe('calls exit', () => {
  const EXITS: readonly [name: string, act: ProbeAct, code: number][] = [
    ['with success', 'exit', 0],
    ['with failure', 'exit-with-failure', 1],
  ];
  for (const [name, act, exitCode] of EXITS) {
    fault(scene, `${name}: the line is a gap that names the exit code`, async () => {
      const exiting = line(act);
      const { texts, gaps, error } = await scene.ingest(`first\n${exiting}last\n`, { component });
      expect(error).toBeUndefined();
      expect(texts).toEqual(['first\n', 'last\n']);
      const failure = { code: 'ERR_PLUGIN_TRAP', message: expect.stringContaining(`exit(${exitCode})`) };
      expect(gaps).toMatchObject([{ offset: 6, length: exiting.length, error: failure }]);
    });
  }

  fault(scene, 'in init: the session does not start', async () => {
    const exiting = await scene.wat(prober({ init: '(call $exit (i32.const 1))' }));
    const { error } = await scene.ingest('x\n', { component: exiting });
    const message = expect.stringContaining('exit(1)');
    expect(error).toMatchObject({ code: 'ERR_PLUGIN_TRAP', phase: 'init', message });
  });
});

fault(scene, 'walks a long path over and over until its time limit: no directory on the way stays open', async () => {
  const { granted } = await files();
  const path = Array.from({ length: 200 }, () => 'd').join('/');
  await mkdir(join(granted, path), { recursive: true });
  // The last name is missing, so that nothing is left to be held.
  const walking = line('open-for-ever', `granted/${path}/missing`);
  const { texts, gaps, error } = await scene.ingest(`first\n${walking}last\n`, {
    component,
    config: { root: [granted] },
    deadlineMs: 300,
  });
  expect(error).toBeUndefined();
  expect(texts).toEqual(['first\n', 'last\n']);
  expect(gaps).toMatchObject([{ offset: 6, length: walking.length, error: { code: 'ERR_PLUGIN_TIMEOUT' } }]);
});

fault(scene, 'leaves files in its temporary directory and crashes', async () => {
  const filling = line('fill-temporary-and-trap', 'left');
  const looking = line('read-temporary', 'left');
  const { texts, gaps, error } = await scene.ingest(`first\n${filling}${looking}last\n`, { component });
  expect(error).toBeUndefined();
  // The fresh instance does not find what the one before it left.
  expect(texts).toEqual(['first\n', String(noEntry), 'last\n']);
  expect(gaps).toMatchObject([{ error: { code: 'ERR_PLUGIN_TRAP', message: expect.stringMatching(/unreachable/) } }]);
});

describe('prints gigabytes to stdout: what is passed on is bounded, what is dropped is counted', () => {
  fault(scene, 'without an end of line', async () => {
    const { passed, dropped, largest } = await printed('print');
    expect(passed + dropped).toBe(PRINTED_BYTES);
    expect(passed).toBeLessThan(PRINTED_BYTES / 8);
    expect(largest).toBeLessThanOrEqual(64 * 1024);
  });

  fault(scene, 'in very short lines', async () => {
    const { passed, dropped, droppedLines } = await printed('print-lines');
    // Each line is one byte and its end.
    expect(2 * passed + dropped + 2 * droppedLines).toBe(PRINTED_LINE_BYTES);
    expect(dropped).toBeGreaterThan(0);
  });
});

const DROPPED = /^\((\d+) more bytes were dropped\)$/;

/** What came through of what a plugin printed, in bytes; and what it was said to be short of. */
async function printed(act: ProbeAct) {
  const records: LogLine[] = [];
  let droppedLines = 0;
  const { texts, error, summary } = await scene.ingest(`first\n${line(act)}last\n`, {
    component,
    deadlineMs: PRINTING_MS,
    logLimits: { outputBytesPerSecond: PASSED_BYTES_PER_SECOND },
    onLog: (record, before) => {
      records.push(record);
      droppedLines += before;
    },
  });
  expect(error).toBeUndefined();
  expect(texts).toEqual(['first\n', 'ok', 'last\n']);
  expect(summary).toMatchObject({ restarts: 0, gaps: 0 });
  const notes = records.flatMap(({ message }) => DROPPED.exec(message)?.[1] ?? []);
  const lines = records.filter(({ source, message }) => source === 'stdout' && !DROPPED.test(message));
  return {
    passed: lines.reduce((bytes, { message }) => bytes + message.length, 0),
    dropped: notes.reduce((bytes, count) => bytes + Number(count), 0),
    droppedLines,
    largest: Math.max(...lines.map(({ message }) => message.length)),
  };
}
