/** How deep a plugin may nest what it stores: whatever it makes, moves and holds, the paths stay short enough for everybody. */
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { longestWay } from './tree-measures.js';
import { FILES, WasiCalls } from './wasi-calls.js';

const TOO_LONG = 18;
const CREATE = 1;
const READ_WRITE = 3;
const [DEPTH, PATH_BYTES] = [64, 2048];

let hostPath: string;
let wasi: WasiCalls;
let top: number;
beforeEach(async () => {
  hostPath = join(await realpath(await mkdtemp(join(tmpdir(), 'wasi-test-'))), 'temporary');
  wasi = new WasiCalls({ temporaryDirectory: { guestPath: '/t', hostPath } });
  top = wasi.preopens()[0] ?? 0;
});
afterEach(async () => {
  wasi.host.close();
  await rm(join(hostPath, '..'), { recursive: true, force: true });
});

const make = (directory: number, path: string) => wasi.file(1, 'create-directory-at', directory, ...wasi.text(path));
const move = (from: number, path: string, to: number, target: string) =>
  wasi.file(1, 'rename-at', from, ...wasi.text(path), to, ...wasi.text(target));
const drop = (handle: number) => wasi.call(FILES, '[resource-drop]descriptor', handle);

/** Makes one directory in another, each relative to the one before, until it is refused. @returns how many, and the error */
function nest(start: number, name: string, most = 1000): [levels: number, refusal: number | undefined] {
  let at = start;
  let refusal: number | undefined;
  let levels = 0;
  for (; levels < most; levels++) {
    refusal = make(at, name);
    if (refusal !== undefined) break;
    const next = wasi.open(at, name);
    if (at !== start) drop(at);
    at = next;
  }
  if (at !== start) drop(at);
  return [levels, refusal];
}

const nested = (levels: number, name: string) => Array.from({ length: levels }, () => name).join('/');

test('directories nest so deep and no deeper', async () => {
  expect(nest(top, 'd')).toEqual([DEPTH, TOO_LONG]);
  const innermost = wasi.open(top, nested(DEPTH, 'd'));
  expect(wasi.open(innermost, 'file', CREATE, READ_WRITE)).toBe(-TOO_LONG);
  expect(wasi.file(1, 'symlink-at', innermost, ...wasi.text('x'), ...wasi.text('link'))).toBe(TOO_LONG);
  expect(await longestWay(hostPath)).toEqual({ levels: DEPTH, bytes: 2 * DEPTH });
});

// Elsewhere a path may be too long for the system before it is too long for a plugin: macOS takes 1024 bytes.
test.runIf(process.platform === 'linux')('paths get so long and no longer', async () => {
  const name = 'n'.repeat(250);
  expect(nest(top, name)).toEqual([Math.floor(PATH_BYTES / 251), TOO_LONG]);
  expect((await longestWay(hostPath)).bytes).toBeLessThanOrEqual(PATH_BYTES);
});

test('a tree is not moved to where it would reach too deep', async () => {
  make(top, 'a');
  const a = wasi.open(top, 'a');
  nest(a, 'x', 39);
  nest(top, 'd', 30);
  // Forty levels below thirty would be seventy.
  expect(move(top, 'a', top, `${nested(30, 'd')}/a`)).toBe(TOO_LONG);
  expect(move(top, 'a', top, `${nested(24, 'd')}/a`)).toBeUndefined();
  // Its handle is still good, and knows where the directory lies now.
  const innermost = wasi.open(a, nested(39, 'x'));
  expect(make(innermost, 'more')).toBe(TOO_LONG);
  expect(move(a, 'x', top, 'x')).toBeUndefined();
  expect(make(innermost, 'more')).toBeUndefined();
  expect(await longestWay(hostPath)).toEqual({ levels: 40, bytes: 39 * 2 + '/more'.length });
});

test('random making and moving of directories that are held stays within bounds', async () => {
  const handle = fc.nat({ max: 7 });
  const name = fc.constantFrom('a', 'b', 'c', 'l'.repeat(200));
  const steps = fc.array(fc.tuple(fc.constantFrom('make', 'move', 'open'), handle, name, handle, name), {
    minLength: 50,
    maxLength: 200,
  });
  const limits = { depth: 5, pathBytes: 300 };
  const grant = { guestPath: '/t', hostPath, quota: limits };
  wasi = new WasiCalls({ temporaryDirectory: grant });
  top = wasi.preopens()[0] ?? 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const held = [top];
      const at = (index: number) => held[index % held.length] ?? top;
      for (const [step, from, path, to, target] of taken) {
        if (step === 'make') refused += Number(make(at(from), path) === TOO_LONG);
        else if (step === 'move') refused += Number(move(at(from), path, at(to), target) === TOO_LONG);
        else if (held.length < 30) {
          const opened = wasi.open(at(from), path);
          if (opened > 0) held.push(opened);
        }
      }
      for (const opened of held.slice(1)) drop(opened);
      const { levels, bytes } = await longestWay(hostPath);
      expect(levels).toBeLessThanOrEqual(limits.depth);
      expect(bytes).toBeLessThanOrEqual(limits.pathBytes);
    }),
    { numRuns: 40, seed: 20_261_128 },
  );
  expect(refused).toBeGreaterThan(0);
});
