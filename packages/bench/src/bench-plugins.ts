/** The plugins that are measured with: the string parser as it is shipped, and small ones made for one question each. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { type CompiledComponent, compile } from '@chipmunk-host/runtime';
import { buildPlugin } from '@chipmunk-host/sdk';

/** What the string parser's metadata name as safe. */
export const STRING_PARSER_WINDOW_BYTES = 1024 * 1024;

export const STRING_PARSER = createRequire(import.meta.url).resolve('@chipmunk-host/string-parser/string-parser.wasm');

export function stringParser(): Promise<CompiledComponent> {
  return compile(readFileSync(STRING_PARSER));
}

/** One of those in `assembly/`. */
export async function benchPlugin(
  name: 'one-item' | 'marked-items' | 'attachments' | 'joined-columns' | 'loop-once',
): Promise<CompiledComponent> {
  const entry = fileURLToPath(new URL(`../assembly/${name}.ts`, import.meta.url));
  const packageDir = fileURLToPath(new URL('..', import.meta.url));
  const { component } = await buildPlugin({ kind: 'parser', name, entry, packageDir });
  return compile(component);
}
