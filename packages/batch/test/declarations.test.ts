/** The declarations of the package compile for those who use it, whatever their runtime declares. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const PACKAGE = fileURLToPath(new URL('..', import.meta.url));
const COMPILER = fileURLToPath(new URL('../../../node_modules/typescript/bin/tsc', import.meta.url));

const PROGRAM = `
import { Batch, type HeaderValue, type Item, readStream, type StreamElement } from '@chipmunk-host/batch';

export function texts(bytes: Uint8Array): string[] {
  return [...Batch.from(bytes)].map((item: Item) => item.text);
}

export function columns(item: Item): readonly Uint8Array[] {
  return item.encodedColumns;
}

export function job({ header }: Batch): HeaderValue | undefined {
  return header['job'];
}

/** An element is told apart by its type. */
export function about(element: StreamElement): string | number {
  if (element.type === 'batch') return element.count;
  if (element.type === 'gap') return element.error.message;
  if (element.type === 'source') return element.event;
  return element.reason === 'failed' ? element.side : element.restarts;
}

export const abouts = (bytes: Uint8Array) => Array.from(readStream(bytes), about);

// @ts-expect-error: a gap has no items.
export const wrong = (element: StreamElement): number => element.count;
`;

const folder = mkdtempSync(join(tmpdir(), 'batch-consumer-'));
mkdirSync(join(folder, 'node_modules/@chipmunk-host'), { recursive: true });
symlinkSync(PACKAGE, join(folder, 'node_modules/@chipmunk-host/batch'));
writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['neither the DOM nor Node', ['es2022'], PROGRAM],
  ['the DOM', ['es2022', 'dom', 'dom.iterable'], `${PROGRAM}\nexport const { title } = document;`],
])('with %s', (_, lib, program) => {
  const compilerOptions = {
    lib,
    types: [],
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    skipLibCheck: false,
    noEmit: true,
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['program.ts'] }));
  writeFileSync(join(folder, 'program.ts'), program);
  const { stdout, status } = spawnSync(process.execPath, [COMPILER, '-p', folder], { encoding: 'utf8' });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});
