import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { grantsOfConfig } from '#main/grants/config-grants.js';

const files = (...value: string[]) => [{ id: 'files', value: { kind: 'files', value } }] as const;

test('of the parent of each path only what was named is granted, read-only', () => {
  expect(grantsOfConfig(files('/logs/a.log', '/logs/b.log', 'c.log'), {})).toEqual([
    { guestPath: '/logs', hostPath: resolve('/logs'), access: 'read', only: ['a.log', 'b.log'] },
    { guestPath: '.', hostPath: resolve('.'), access: 'read', only: ['c.log'] },
  ]);
});

test('whole parents are granted when that is asked for, but not where paths are denied', () => {
  const [whole] = grantsOfConfig(files('/logs/a.log'), { parents: true });
  expect(whole).toEqual({ guestPath: '/logs', hostPath: resolve('/logs'), access: 'read' });
  const [denied] = grantsOfConfig(files('/logs/a.log'), { parents: true, deny: { paths: ['/logs/secret'] } });
  expect(denied?.only).toEqual(['a.log']);
});

test('a configuration that names no path grants none', () => {
  const texts = [{ id: 'prefix', value: { kind: 'text', value: '/etc/passwd' } }] as const;
  expect(grantsOfConfig(texts, {})).toEqual([]);
  expect(grantsOfConfig(files(''), {})).toEqual([]);
});
