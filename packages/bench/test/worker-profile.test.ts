import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { type CpuProfile, timeOfParts } from '#worker-profile.js';

const directory = mkdtempSync(join(tmpdir(), 'worker-profile-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** A file of code; its name, or the paths of what it was bundled of, say which part it is of. */
function code(name: string, ...lines: readonly string[]): string {
  const path = join(directory, name);
  writeFileSync(path, lines.join('\n'));
  return pathToFileURL(path).href;
}

/** A tree of calls: [name, url, milliseconds, calls, line]. */
type Call = readonly [name: string, url: string, ms: number, calls?: readonly Call[], line?: number];

function profile(...calls: readonly Call[]): CpuProfile {
  const nodes: CpuProfile['nodes'][number][] = [];
  const samples: number[] = [];
  const timeDeltas = [0];
  const add = ([functionName, url, ms, children = [], lineNumber = 0]: Call): number => {
    const id = nodes.length + 1;
    const node = { id, callFrame: { functionName, url, lineNumber }, children: [] as number[] };
    nodes.push(node);
    samples.push(id);
    timeDeltas.push(ms * 1000);
    node.children.push(...children.map(add));
    return id;
  };
  add(['(root)', '', 0, calls]);
  return { nodes, samples, timeDeltas };
}

describe('the parts of a profile', () => {
  test('are told by who called, and by what a program was bundled of', () => {
    const program = code(
      'parser.js',
      'import x from "y";',
      '// ../dist/api/v0_1_0/parser/direct-parse.js',
      'class DirectParse {}',
      '// ../dist/api/v0_1_0/lifter/slot-lifter.js',
      '// a comment of the code',
      'function lift() {}',
      '// ../../runtime/dist/shared/ring/ring-bells.js',
      'function ringBell() {}',
    );
    const found = timeOfParts(
      profile(
        ['(idle)', '', 1],
        ['(garbage collector)', '', 2],
        ['(program)', '', 4],
        [
          'parse',
          program,
          8,
          [
            ['js-to-wasm', '', 16, [['wasm-function[1]', 'wasm://wasm/0a', 32, [['realloc', 'wasm://wasm/0a', 64]]]]],
            ['lift', program, 128, [['walk', 'wasm://wasm/0b', 256]], 5],
          ],
          2,
        ],
        ['readSync', 'node:fs', 512, [['read', '', 1024]]],
        ['ringBell', program, 2048, [], 7],
        ['alone', code('alone.js', 'nothing'), 4096],
      ),
    );
    expect(found).toEqual({
      idle: 1,
      garbage: 2,
      other: 4 + 8 + 16 + 128 + 4096,
      plugin: 32 + 64,
      lifter: 256,
      file: 512 + 1024,
      rings: 2048,
    });
  });

  test('have all of the time up to the last sample', () => {
    const { nodes } = profile(['(idle)', '', 1]);
    // Each sample lasts until the next one is taken; how long the last one lasted is not known.
    expect(timeOfParts({ nodes, samples: [2, 1, 2], timeDeltas: [7000, 1000, 3000] })).toMatchObject({
      idle: 1,
      other: 3,
    });
  });
});
