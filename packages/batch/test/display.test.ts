import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { Batch, type Item } from '@chipmunk-host/batch';
import { describe, expect, test } from 'vitest';

const read = (name: string) => Batch.from(readFileSync(new URL(`./vectors/v1/${name}.msgpack`, import.meta.url)));
const first = (name: string) => [...read(name)][0] as Item;
const parsed = (value: unknown) => JSON.parse(JSON.stringify(value));

describe('JSON of', () => {
  test('an item has its text, or its columns', () => {
    const line = first('lines');
    expect(parsed(line)).toEqual({ offset: line.offset, length: line.length, text: line.text });
    const columns = first('columns');
    expect(parsed(columns)).toEqual({ offset: columns.offset, length: columns.length, columns: columns.columns });
  });

  test('an item with an attachment has that, as the item has it', () => {
    const items = [...read('attachments')].filter(({ attachment }) => attachment !== undefined);
    expect(items.length).toBeGreaterThan(0);
    for (const item of items) {
      const { name, size, created, modified, messages, data } = item.attachment ?? {};
      const json = parsed(item).attachment;
      expect(json).toEqual({
        name,
        size: expect.anything(),
        created: created ?? null,
        modified: modified ?? null,
        messages: expect.any(Array),
        data: Buffer.from(data ?? []).toString('base64'),
      });
      expect(BigInt(json.size)).toBe(size);
      expect(json.messages.map(BigInt)).toEqual([...(messages ?? [])]);
    }
  });

  test('a batch has counts, and no items', () => {
    const { offset, consumedBytes, skippedBytes, count, entries, ...batch } = read('lines');
    expect(count).toBeGreaterThan(0);
    expect(parsed(read('lines'))).toEqual({ offset, consumedBytes, skippedBytes, count, entries });
    expect(batch).toBeDefined();
  });
});

describe('inspect, as console.log does, of', () => {
  test('an item shows its text, or its columns', () => {
    const line = first('lines');
    expect(inspect(line)).toBe(`Item ${inspect({ offset: line.offset, length: line.length, text: line.text })}`);
    expect(inspect(first('columns'))).toMatch(/^Item \{.*columns: \[/s);
    expect(inspect([[[line]]], { depth: 2 })).toBe('[ [ [ [Item] ] ] ]');
  });

  test('an item with an attachment shows that', () => {
    const item = [...read('attachments')].find(({ attachment }) => attachment !== undefined) as Item;
    expect(inspect(item, { depth: 4 })).toContain(`attachment: Attachment {`);
    expect(inspect(item, { depth: 4 })).toContain(inspect(item.attachment?.name));
  });

  test('a batch shows counts', () => {
    const { offset, consumedBytes, skippedBytes, count, entries } = read('lines');
    expect(inspect(read('lines'))).toBe(`Batch ${inspect({ offset, consumedBytes, skippedBytes, count, entries })}`);
  });

  test('an item whose batch was released says so, and JSON of it is an error', () => {
    const batch = read('lines');
    const [item, decoded] = [...batch];
    const text = decoded?.text;
    batch.release();
    expect(inspect(item)).toContain("unreadable: 'ERR_BATCH_RELEASED'");
    expect(inspect(decoded)).toContain(inspect(text));
    expect(() => JSON.stringify(item)).toThrow(expect.objectContaining({ code: 'ERR_BATCH_RELEASED' }));
    expect(inspect(batch)).toMatch(/^Batch \{/);
  });
});
