// Makes components of core modules: the WIT of this project goes in where the compiler has not put it in, the adapter from
// WASI preview 1 where the module needs it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { componentEmbed, componentNew } from '@bytecodealliance/jco-transpile/wasm-tools';

const WIT = join(import.meta.dirname, '..', '..', 'wit', 'v0.1.0');
const WORLDS = { parser: 'chipmunk:parser/parse@0.1.0', bytesource: 'chipmunk:bytesource/bytesource@0.1.0' };

/** Our WIT as one text, with a world that is one kind of plugin and whatever else is imported. */
export function witSource(kind, more = '') {
  const packages = ['shared', kind].map((name) =>
    readFileSync(join(WIT, name, `${name}.wit`), 'utf8')
      .replace(/^package ([^;]+);/m, 'package $1 {')
      .concat('\n}\n'),
  );
  return `package interop:plugin;\nworld plugin {\n  include ${WORLDS[kind]};\n${more}}\n${packages.join('\n')}`;
}

/** Puts the description of a plugin's world into a core module. */
export function embed(binary, { kind, stringEncoding, imports, packages = '' }) {
  return componentEmbed({
    binary,
    witSource: witSource(kind, imports) + packages,
    world: 'plugin',
    ...(stringEncoding === undefined ? {} : { stringEncoding }),
  });
}

/** @param adapter of preview 1, for modules that import it */
export function component(binary, adapter) {
  return componentNew(binary, adapter === undefined ? [] : [['wasi_snapshot_preview1', adapter]]);
}
