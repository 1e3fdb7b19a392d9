/** Random trees with links, and random paths through them, against a resolver over a model of the same tree. */
import { lstatSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DescriptorLedger } from '../src/worker/wasi/filesystem/descriptor-ledger.js';
import { GrantedTree } from '../src/worker/wasi/filesystem/granted-tree.js';
import {
  type HostDirectoryOpener,
  openerByDescriptor,
  openerByPath,
} from '../src/worker/wasi/filesystem/host-directory.js';
import { atPath } from '../src/worker/wasi/filesystem/path-resolution.js';
import { Refusal } from '../src/worker/wasi/filesystem/refusal.js';

type Node =
  | { readonly kind: 'file'; readonly id: string }
  | { readonly kind: 'directory'; readonly id: string; readonly children: Map<string, Node> }
  | { readonly kind: 'link'; readonly id: string; readonly target: string };
type Directory = Extract<Node, { kind: 'directory' }>;

const NAMES = ['a', 'b', 'c'] as const;
const pathSegment = fc.constantFrom('a', 'b', 'c', 'a', 'b', '.', '..', '');
const path = fc
  .tuple(fc.boolean(), fc.array(pathSegment, { minLength: 1, maxLength: 6 }))
  .map(([isAbsolute, segments]) => (isAbsolute && segments.length > 4 ? '/' : '') + segments.join('/'));

const shape = fc.letrec<{ node: unknown; directory: unknown }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3 },
    fc.constant('file'),
    path.filter((target) => target !== ''),
    tie('directory'),
  ),
  directory: fc.dictionary(fc.constantFrom(...NAMES), tie('node'), { maxKeys: 3 }),
}));

let root: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'wasi-test-')));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const ledger = new DescriptorLedger(4);
const ways: [string, HostDirectoryOpener][] = [['paths', openerByPath(ledger)]];
if (process.platform === 'linux') ways.push(['descriptors', openerByDescriptor(ledger)]);
afterEach(() => expect(ledger.size).toBe(0));

describe.each(ways)('resolved by %s', (_, open) => {
  test('a path leads where a model says, and never out', async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        shape.directory,
        fc.array(fc.tuple(path, fc.boolean()), { maxLength: 30 }),
        async (made, paths) => {
          const top = join(root, `${run++}`, 'granted');
          const model = await build(top, '', made);
          // What lies around the grant has the same names, so that a way out finds something.
          for (const name of NAMES) await writeFile(join(top, '..', name), 'outside');
          const tree = new GrantedTree('/', () => open(top), { isWritable: true });
          const base = { tree, directory: tree.root(), isRoot: true };
          for (const [asked, follows] of paths) {
            const expected = modelled(model, asked, follows);
            expect(found(base, asked, follows), `${asked} in ${JSON.stringify(made)}`).toBe(expected);
          }
          tree.close();
        },
      ),
      { numRuns: 150 },
    );
  });

  test('a directory that is swapped for a link between two steps is not followed out', async () => {
    await mkdir(join(root, 'granted', 'sub'), { recursive: true });
    await mkdir(join(root, 'outside'));
    await writeFile(join(root, 'outside', 'file'), 'secret');
    const top = open(join(root, 'granted'));
    const sub = top.enter('sub');
    await rename(join(root, 'granted', 'sub'), join(root, 'granted', 'moved'));
    await symlink('../outside', join(root, 'granted', 'sub'));
    expect(() => sub.openFile('file', 0)).toThrow();
    expect(() => top.enter('sub')).toThrow();
    sub.close();
    top.close();
  });
});

function found(base: Parameters<typeof atPath>[0], asked: string, follows: boolean): string {
  try {
    return atPath(base, asked, follows, ({ found }) => {
      if (found === undefined) return 'no-entry';
      const kind = found.isDirectory() ? 'directory' : found.isFile() ? 'file' : 'link';
      return `${kind} ${inodes.get(found.ino) ?? 'outside'}`;
    });
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

/** By inode, since a path through a descriptor does not say where it is. */
const inodes = new Map<bigint, string>();

async function build(at: string, id: string, made: unknown): Promise<Directory> {
  const note = (path: string, name: string) => inodes.set(lstatSync(path, { bigint: true }).ino, name);
  await mkdir(at, { recursive: true });
  note(at, id);
  const children = new Map<string, Node>();
  for (const [name, child] of Object.entries(made as Record<string, unknown>)) {
    const [path, childId] = [join(at, name), `${id}/${name}`];
    if (typeof child !== 'string') {
      children.set(name, await build(path, childId, child));
      continue;
    }
    if (child === 'file') await writeFile(path, '');
    else await symlink(child, path);
    note(path, childId);
    children.set(name, child === 'file' ? { kind: 'file', id: childId } : { kind: 'link', id: childId, target: child });
  }
  return { kind: 'directory', id, children };
}

/** Slow and obvious: a list of steps left, and the directories that lead to where it is. */
function modelled(top: Directory, asked: string, follows: boolean): string {
  if (asked === '') return 'no-entry';
  let steps = split(asked);
  if (steps === undefined) return 'not-permitted';
  const way = [top];
  for (let links = 0; ; ) {
    const here = way.at(-1) as Directory;
    const [step, ...rest] = steps;
    if (step === undefined) return `directory ${here.id}`;
    steps = rest;
    if (step === '.') continue;
    if (step === '..') {
      if (way.length === 1) return 'not-permitted';
      way.pop();
      continue;
    }
    const node = here.children.get(step);
    if (node === undefined) return 'no-entry';
    const isLast = rest.length === 0;
    if (node.kind === 'link' && (follows || !isLast)) {
      if (++links > 40) return 'loop';
      const target = split(node.target);
      if (target === undefined) return 'not-permitted';
      steps = [...target, ...rest];
    } else if (isLast) {
      return `${node.kind} ${node.id}`;
    } else if (node.kind === 'directory') {
      way.push(node);
    } else {
      return 'not-directory';
    }
  }
}

/** A slash in the last place asks for a directory. */
function split(text: string): string[] | undefined {
  if (text.startsWith('/')) return undefined;
  const segments = text.split('/').filter((segment) => segment !== '');
  return text.endsWith('/') ? [...segments, '.'] : segments;
}
