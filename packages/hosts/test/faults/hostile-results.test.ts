import type { CompiledComponent } from '@chipmunk-host/runtime';
import { beforeAll, describe, expect } from 'vitest';
import { fault, setScene } from './scene.js';
import { AREA, ITEM, put8, put32, put64, TIME, TIMES } from './wat-plugin.js';

const scene = setScene();

interface Act {
  readonly what: string;
  /** Instructions; see wat-plugin.ts. */
  readonly act: string;
  readonly message: RegExp;
  readonly code?: string;
}

const list = AREA + 4;
const count = AREA + 8;
const message = ITEM + 16;
const attachment = ITEM + 16;
const anAttachment = put8(ITEM + 8, 1);

const ACTS: readonly Act[] = [
  { what: 'a result that is not aligned', act: '(local.set $result (i32.const 1026))', message: /the result.*aligned/ },
  { what: 'a result outside of its memory', act: '(local.set $result (i32.const -16))', message: /the result.*beyond/ },
  { what: 'a result that is neither ok nor error', act: put8(AREA, 2), message: /neither ok nor error, but 2/ },
  {
    what: 'an error that is none of the four',
    act: put8(AREA, 1) + put8(AREA + 4, 4),
    message: /unknown kind of error 4/,
  },
  {
    what: 'an error whose message lies outside of its memory',
    act: put8(AREA, 1) + put8(AREA + 4, 1) + put32(AREA + 8, 0) + put32(AREA + 12, -1),
    message: /error's message.*beyond/,
  },
  {
    what: 'an error whose message is not UTF-8',
    act: put8(AREA, 1) + put8(AREA + 4, 1) + put32(AREA + 8, 4096) + put32(AREA + 12, 1) + put8(4096, 0xff),
    message: /error's message.*UTF-8/,
  },
  { what: 'a list that is not aligned', act: put32(list, ITEM + 4), message: /list of items.*aligned/ },
  { what: 'a list outside of its memory', act: put32(list, -96), message: /list of items.*beyond/ },
  { what: '2^32 - 1 items', act: put32(count, -1), message: /list of items: 4294967295/ },
  { what: 'a value that is neither none nor some', act: put8(ITEM, 2), message: /value is neither none nor some/ },
  { what: 'an unknown kind of yield', act: put8(ITEM + 8, 3), message: /unknown kind of value 3/ },
  { what: 'an unknown kind of message', act: put8(message, 2), message: /unknown kind of message 2/ },
  { what: 'a string outside of its memory', act: put32(message + 4, -16), message: /item 0, line.*beyond/ },
  { what: 'a string that is too long', act: put32(message + 8, -1), message: /item 0, line: 4294967295/ },
  {
    what: 'columns that are not aligned',
    act: put8(message, 1) + put32(message + 4, 4098) + put32(message + 8, 1),
    message: /columns.*aligned/,
  },
  {
    what: '2^32 - 1 columns',
    act: put8(message, 1) + put32(message + 4, 4096) + put32(message + 8, -1),
    message: /columns: 4294967295/,
  },
  {
    what: 'a column outside of its memory',
    act: put8(message, 1) + put32(message + 4, 4096) + put32(message + 8, 1) + put32(4096, -8) + put32(4100, 8),
    message: /column 0.*beyond/,
  },
  {
    what: "an attachment's name outside of its memory",
    act: anAttachment + put32(attachment, -8) + put32(attachment + 4, 8),
    message: /name.*beyond/,
  },
  {
    what: "an attachment's date that is neither none nor some",
    act: anAttachment + put64(attachment, 0n) + put8(attachment + 16, 2),
    message: /created-date is neither/,
  },
  {
    what: "an attachment's messages that are not aligned",
    act: anAttachment + put64(attachment, 0n) + put32(attachment + 40, 4) + put32(attachment + 44, 1),
    message: /messages.*aligned/,
  },
  {
    what: "an attachment's data outside of its memory",
    act: anAttachment + put64(attachment, 0n) + put32(attachment + 48, 8) + put32(attachment + 52, -1),
    message: /data.*beyond/,
  },
  { what: 'one byte more consumed than it was given', act: put64(ITEM + 88, 1000n), message: /consumed 1000 bytes/ },
  { what: '2^63 bytes consumed', act: put64(ITEM + 88, 2n ** 63n), message: /consumed 9223372036854775808/ },
  {
    what: 'a log line outside of its memory',
    act: '(call $log (i32.const 0) (i32.const -16) (i32.const 64))',
    message: /logged 64 bytes at 4294967280/,
  },
  {
    what: 'a log line of no level',
    act: '(call $log (i32.const 9) (i32.const 16) (i32.const 1))',
    message: /unknown level 9/,
  },
  {
    what: 'a call of a function that is not there',
    act: '(call_indirect (i32.const 5))',
    message: /table|signature/,
    code: 'ERR_PLUGIN_TRAP',
  },
  {
    what: 'a write outside of its memory',
    act: put8(-1, 0),
    message: /out of bounds/,
    code: 'ERR_PLUGIN_TRAP',
  },
];

let hostile: CompiledComponent;
beforeAll(async () => {
  hostile = await scene.wat({ acts: ACTS.map(({ act }) => act), fields: '(table 1 funcref)' });
});

describe('a plugin that returns what its interface does not allow loses that line alone:', () => {
  for (const [number, { what, message, code = 'ERR_PLUGIN_CONTRACT' }] of ACTS.entries()) {
    fault(scene, what, async () => {
      const line = `!${number}\n`;
      const { texts, gaps, error } = await scene.ingest(`first\n${line}last\n`, { component: hostile });
      expect(error).toBeUndefined();
      expect(texts).toEqual(['first\n', 'last\n']);
      const failure = { code, phase: 'parse', message: expect.stringMatching(message) };
      expect(gaps).toMatchObject([{ offset: 6, length: line.length, error: failure }]);
    });
  }
});

describe('a plugin that gives its items times that its interface does not allow loses that line alone:', () => {
  const FAILS = TIME + 32;
  const HANGS = TIME + 36;
  const TIMES_ACTS: readonly (Act & { readonly bindings?: RegExp })[] = [
    {
      what: 'more times than items',
      act: put32(TIMES + 4, 2),
      message: /^get-item-times .*2 times, .* 1 items/,
      bindings: /16 bytes; at most 8/,
    },
    {
      what: '2^32 - 1 times',
      act: put32(TIMES + 4, -1),
      message: /4294967295 times/,
      bindings: /get-item-times returned a list outside of its memory/,
    },
    {
      what: 'times outside of its memory',
      act: put32(TIMES, -8),
      message: /^get-item-times .*beyond/,
      bindings: /get-item-times returned a list outside of its memory: 8 bytes/,
    },
    { what: 'times that trap', act: put32(FAILS, 1), message: /unreachable/, code: 'ERR_PLUGIN_TRAP' },
    { what: 'times that never come', act: put32(HANGS, 1), message: /did not return/, code: 'ERR_PLUGIN_TIMEOUT' },
  ];
  const times = `(if (i32.load (i32.const ${FAILS})) (then unreachable)) (loop $l (br_if $l (i32.load (i32.const ${HANGS}))))`;
  for (const bindingsOnly of [false, true])
    for (const [number, { what, message, bindings = message, code = 'ERR_PLUGIN_CONTRACT' }] of TIMES_ACTS.entries()) {
      fault(scene, `${what}${bindingsOnly ? ', called through the bindings' : ''}`, async () => {
        const component = await scene.wat({ acts: TIMES_ACTS.map(({ act }) => act), times });
        const line = `!${number}\n`;
        const deadlineMs = code === 'ERR_PLUGIN_TIMEOUT' ? 500 : 10_000;
        const outcome = await scene.ingest(`first\n${line}last\n`, { component, bindingsOnly, deadlineMs });
        expect(outcome.error).toBeUndefined();
        expect(outcome.texts).toEqual(['first\n', 'last\n']);
        expect(outcome.times).toEqual([5n, 5n]);
        const failure = { code, phase: 'parse', message: expect.stringMatching(bindingsOnly ? bindings : message) };
        expect(outcome.gaps).toMatchObject([{ offset: 6, length: line.length, error: failure }]);
      });
    }
});

describe('a plugin whose memory management is broken:', () => {
  // Lists of nothing, which `init` gets, are let through.
  const ifBytes = '(if (local.get $bytes) (then';
  const ALWAYS: readonly [what: string, plugin: { realloc?: string; post?: string }, code: string, message: RegExp][] =
    [
      ['realloc traps', { realloc: `${ifBytes} unreachable))` }, 'ERR_PLUGIN_TRAP', /unreachable/],
      ['realloc never returns', { realloc: `${ifBytes} (loop $l (br $l))))` }, 'ERR_PLUGIN_TIMEOUT', /did not return/],
      [
        'realloc answers outside of its memory',
        { realloc: `${ifBytes} (return (i32.const -8))))` },
        'ERR_PLUGIN_CONTRACT',
        /realloc/,
      ],
    ];
  for (const [what, plugin, code, message] of ALWAYS) {
    fault(scene, what, async () => {
      const component = await scene.wat(plugin);
      const options = { component, recovery: { maxRestarts: 3 }, deadlineMs: 500 };
      const { texts, error } = await scene.ingest('first\nlast\n', options);
      expect(texts).toEqual([]);
      expect(error).toMatchObject({ code, phase: 'parse', message: expect.stringMatching(message) });
    });
  }

  const AFTERWARDS: readonly [what: string, post: string, code: string][] = [
    ['post-return traps', 'unreachable', 'ERR_PLUGIN_TRAP'],
    ['post-return never returns', '(loop $l (br $l))', 'ERR_PLUGIN_TIMEOUT'],
  ];
  for (const [what, post, code] of AFTERWARDS) {
    fault(scene, `${what}: all items are delivered, each once`, async () => {
      const component = await scene.wat({ post });
      const { texts, records, gaps } = await scene.ingest('first\nsecond\nlast\n', { component, deadlineMs: 500 });
      expect(texts).toEqual(['first\n', 'second\n', 'last\n']);
      expect(gaps).toEqual([]);
      // One for each line; a busy machine may take longer than a time limit for something else, too.
      expect(records.length).toBeGreaterThanOrEqual(3);
      expect(records.filter(({ error }) => error?.code !== code)).toEqual([]);
    });
  }
});
