import { describe, expect, test } from 'vitest';
import { type CpuProfile, timeOfParts } from '#worker-profile.js';

/** A tree of calls: [name, url, milliseconds, calls]. */
type Call = readonly [name: string, url: string, ms: number, calls?: readonly Call[]];

function profile(...calls: readonly Call[]): CpuProfile {
  const nodes: CpuProfile['nodes'][number][] = [];
  const samples: number[] = [];
  const timeDeltas = [0];
  const add = ([functionName, url, ms, children = []]: Call): number => {
    const id = nodes.length + 1;
    const node = { id, callFrame: { functionName, url }, children: [] as number[] };
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
  test('are told by who called', () => {
    const found = timeOfParts(
      profile(
        ['(idle)', '', 1],
        ['(garbage collector)', '', 2],
        ['(program)', '', 4],
        [
          'parse',
          'file:///hosts/dist/api/v0_1_0/parser/direct-parse.js',
          8,
          [
            [
              'js-to-wasm',
              '',
              16,
              [['wasm-function[1]', 'wasm://wasm/0a', 32, [['cabi_realloc', 'wasm://wasm/0a', 64]]]],
            ],
            ['measure', 'file:///hosts/dist/api/v0_1_0/lifter/slot-lifter.js', 128, [['walk', 'wasm://wasm/0b', 256]]],
          ],
        ],
        ['readSync', 'node:fs', 512, [['read', '', 1024]]],
        ['ringBell', 'file:///runtime/dist/worker/ring/ring-bells.js', 2048],
      ),
    );
    expect(found).toEqual({
      idle: 1,
      garbage: 2,
      other: 4 + 8 + 16 + 128,
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
