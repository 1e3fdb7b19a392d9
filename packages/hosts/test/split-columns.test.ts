/** Sessions with a plugin that joins its columns into lines, as plugins made with Chipmunk's own crate do. */
import { EntryKind, type IngestOptions, IngestSession } from '@chipmunk-host/hosts';
import type { CompiledComponent } from '@chipmunk-host/runtime';
import { buildJoiner } from '@chipmunk-host/test-plugins';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileKept, setStage } from './support.js';

const stage = setStage();
let joiner: CompiledComponent;
beforeAll(async () => {
  joiner = await compileKept(await buildJoiner());
});

interface Row {
  readonly kind: number;
  readonly columns: readonly string[];
  readonly data: string | undefined;
}

async function rowsOf(content: string, options: Partial<IngestOptions> = {}): Promise<Row[]> {
  const file = await stage.input(content);
  await using session = await IngestSession.open({ ...options, component: joiner, pool: stage.pool, source: { file } });
  const rows: Row[] = [];
  for await (const batch of session.batches())
    for (const { kind, columns, attachment } of batch)
      rows.push({ kind, columns, data: attachment && Buffer.from(attachment.data).toString() });
  return rows;
}

const row = (kind: number, columns: readonly string[], data?: string): Row => ({ kind, columns, data });
const { line, columns, lineAndAttachment, columnsAndAttachment } = EntryKind;

const CONTENT = '1\tWARN\tgrößer\n2\tINFO\n3\tERROR\ta\tb\nalone\n\t\t\n@with\t\tdata\n@only\n';
const SPLIT = [
  row(columns, ['1', 'WARN', 'größer']),
  row(columns, ['2', 'INFO']),
  row(columns, ['3', 'ERROR', 'a\u0004b']),
  row(line, ['alone']),
  row(columns, ['', '', '']),
  row(columnsAndAttachment, ['@with', '', 'data'], '@with\t\tdata'),
  row(lineAndAttachment, ['@only'], '@only'),
];

describe('lines into which a plugin joined the columns that it names', () => {
  test.each([{ bindingsOnly: false }, { bindingsOnly: true }])('are delivered as columns: %j', async (options) => {
    expect(await rowsOf(CONTENT, options)).toEqual(SPLIT);
  });

  test.each([{ bindingsOnly: false }, { bindingsOnly: true }])(
    'stay lines when that is wanted: %j',
    async (options) => {
      const texts = CONTENT.split('\n').slice(0, -1);
      const expected = texts.map((text) => {
        const attached = text.startsWith('@');
        return row(attached ? lineAndAttachment : line, [text.replaceAll('\t', '\u0004')], attached ? text : undefined);
      });
      expect(await rowsOf(CONTENT, { ...options, splitColumns: false })).toEqual(expected);
    },
  );

  test('are split by every fresh instance, and by all that share a file', async () => {
    const good = 'a\tb\tc\n'.repeat(500);
    const expected = Array.from({ length: 1000 }, () => row(columns, ['a', 'b', 'c']));
    expect(await rowsOf(`${good}!trap\n${good}`)).toEqual(expected);
    const parallel = { instances: 2, boundary: 'newline', splitBytes: 1000 } as const;
    expect(await rowsOf(good + good, { parallel })).toEqual(expected);
  });

  test('are split into as many as are known, by every fresh instance', async () => {
    const file = await stage.input('');
    const { info } = await stage.open({ component: joiner, source: { file } });
    const named = info.renderOptions.columns;
    if (named === undefined) throw new Error('The plugin names no columns.');
    const known = (count: number) => ({
      ...info,
      renderOptions: { columns: count === 0 ? undefined : { ...named, columns: named.columns.slice(0, count) } },
    });
    const content = 'a\tb\tc\n!trap\na\tb\tc\n';
    const twice = (expected: Row) => [expected, expected];
    expect(await rowsOf(content, { info: known(3) })).toEqual(twice(row(columns, ['a', 'b', 'c'])));
    expect(await rowsOf(content, { info: known(2) })).toEqual(twice(row(columns, ['a', 'b\u0004c'])));
    expect(await rowsOf(content, { info: known(0) })).toEqual(twice(row(line, ['a\u0004b\u0004c'])));
  });

  test('give the same text either way', async () => {
    const file = await stage.input(CONTENT);
    const texts = async (splitColumns: boolean) => {
      await using session = await stage.open({ component: joiner, source: { file }, splitColumns });
      const found: string[] = [];
      for await (const batch of session.batches()) for (const item of batch) found.push(item.text);
      return found;
    };
    expect(await texts(true)).toEqual(await texts(false));
  });
});
