/** Components that differ from what compilers make in one way each. */
import { parse, print } from '@bytecodealliance/jco-transpile/wasm-tools';
import { component, embed, type StringEncoding } from '../../scripts/component.mjs';
import { lineModule, type Variation } from './line-module.js';

/** Every 0.2.x of WASI that there is. */
export const WASI_VERSIONS = Array.from({ length: 13 }, (_, patch) => `0.2.${patch}`);

export async function lineComponent(variation: Variation = {}): Promise<Uint8Array> {
  const binary = await parse(lineModule(variation));
  const stringEncoding: StringEncoding = variation.encoding ?? 'utf8';
  return component(await embed(binary, { kind: 'parser', stringEncoding }));
}

/**
 * Imports WASI of the given versions, and asks each for a random number at the start: a plugin whose imports are not there, or
 * are not functions, traps.
 */
export async function wasiComponent(
  versions: readonly string[],
  encoding: StringEncoding = 'utf8',
): Promise<Uint8Array> {
  const random = (version: string) =>
    `package wasi:random@${version} { interface random { get-random-u64: func() -> u64; } }\n`;
  const coreImport = (version: string, i: number) =>
    `(import "wasi:random/random@${version}" "get-random-u64" (func $random-${i} (result i64)))`;
  const binary = await parse(
    lineModule({
      encoding,
      imports: versions.map(coreImport).join('\n'),
      init: versions.map((_, i) => `(if (i64.eqz (call $random-${i})) (then unreachable))`).join('\n'),
    }),
  );
  const imports = versions.map((version) => `  import wasi:random/random@${version};\n`).join('');
  return component(
    await embed(binary, { kind: 'parser', stringEncoding: encoding, imports, packages: versions.map(random).join('') }),
  );
}

const OWN_ENDING = /\(func \$ending \(;0;\).*?\n {4}\)\n/s;
const MODULE = '(core module $main (;0;)\n';
const INSTANCE = '(core instance $main (;0;) (instantiate $main))';

/** The byte that ends a line lies in the memory of a core module of its own, which the parser's asks for it. */
export async function severalModules(): Promise<Uint8Array> {
  const fields = '(func $ending (result i32) (i32.const 10))';
  // The function that is taken out again must be the first: an import has the first place.
  const single = await parse(lineModule({ fields, ending: '(call $ending)' }));
  const text = await print(await component(await embed(single, { kind: 'parser' })));
  return parse(
    replaced(
      replaced(
        replaced(text, OWN_ENDING, ''),
        MODULE,
        `${MODULE}(import "helper" "ending" (func $ending (result i32)))\n`,
      ),
      INSTANCE,
      `(core module $helper
        (memory (export "memory") 1)
        (data (i32.const 7) ";")
        (func (export "ending") (result i32) (i32.load8_u (i32.const 7))))
      (core instance $helper (instantiate $helper))
      (core instance $main (instantiate $main (with "helper" (instance $helper))))`,
    ),
  );
}

function replaced(text: string, what: string | RegExp, by: string): string {
  const result = text.replace(what, () => by);
  if (result === text) throw new Error(`there is no ${what} in:\n${text}`);
  return result;
}
