// Copies jco's component transpiler into dist/transpiler, so that embedders do not install the tools around it (of the
// 109 MB of jco-transpile's dependencies, 93 are binaryen, which transpiling never uses). What is copied is the one entry
// point `@bytecodealliance/jco-transpile/component` with its wasm and licence; it needs only preview2-shim.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(import.meta.resolve('@bytecodealliance/jco-transpile/component'));
const source = dirname(entry);
const home = dirname(source);
const target = join(dirname(dirname(fileURLToPath(import.meta.url))), 'dist', 'transpiler');

mkdirSync(target, { recursive: true });
for (const name of [
  'js-component-bindgen-component.js',
  'js-component-bindgen-component.core.wasm',
  'js-component-bindgen-component.core2.wasm',
])
  copyFileSync(join(source, name), join(target, name));
copyFileSync(join(home, 'LICENSE'), join(target, 'LICENSE'));

const { name, version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
writeFileSync(join(target, 'toolchain.json'), `${JSON.stringify({ name, version })}\n`);
