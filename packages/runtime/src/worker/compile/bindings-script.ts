/**
 * The transpiler's bindings are a module that imports nothing. They are run as a script: a module's source would have to be its
 * own URL, of which a thread keeps five copies for as long as it lives. Where they allocate by a length that the plugin chose,
 * they are made to ask first (lift-bounds.ts).
 */
import { Script } from 'node:vm';
import { describe, HostError, PluginInvalidError } from '../../shared/errors.js';

const EXPORT = /^export (?=const |function )/gm;

/** The name by which the bindings know their bounds. No name of a component becomes one that begins like this. */
const BOUNDS = '__bounds';

/** Where the bindings allocate by a length of the plugin's, as the transpiler writes it, and what is put there. */
const BOUNDED: readonly [pattern: RegExp, replacement: string][] = [
  [/\bfunction instantiate\(/g, `function instantiate(${BOUNDS}, `],
  [/new TextDecoder\(\)/g, `${BOUNDS}.decoder('utf-8')`],
  [/new TextDecoder\('utf-16'\)/g, `${BOUNDS}.decoder('utf-16')`],
  [/\b(memory\d+\.buffer)\.slice\(/g, `${BOUNDS}.copy($1, `],
  [
    /for \((let|var) i = 0; i < (len\d*); i\+\+\)/g,
    `for ($1 i = 0, elements = ${BOUNDS}.elements($2); i < elements; i++)`,
  ],
];
/** What no bindings may have when that is done. */
const UNBOUNDED = /new TextDecoder\b|buffer\.slice\(|for \((?:let|var) \w+ = 0; \w+ < len\d*;|\bArray\(len/;

/** The bindings as a script whose value has the function `instantiate`, which is given a `BindingsBounds` first. */
export function bindingsScript(glue: string): string {
  const script = bounded(glue.replace(EXPORT, ''));
  return `(() => {'use strict';${script}\nreturn { instantiate };\n})()`;
}

/**
 * The transpiler makes identifiers of a component's names, and some of them (`arguments`, `module0`) it does not keep apart from
 * JavaScript's or its own. Bindings that no thread could run are found out here, so that it is the component that is refused.
 * @throws PluginInvalidError when the script is not JavaScript
 */
export function requireSyntax(script: string): void {
  try {
    new Script(script, { filename: 'bindings of the component' });
  } catch (error) {
    throw new PluginInvalidError(`The component has names for which no bindings can be made: ${describe(error)}`, {
      cause: error,
    });
  }
}

function bounded(glue: string): string {
  let script = glue;
  for (const [pattern, replacement] of BOUNDED) script = script.replace(pattern, replacement);
  const unbounded = UNBOUNDED.exec(script);
  if (unbounded !== null || !script.includes(`function instantiate(${BOUNDS}, `))
    throw new HostError(
      'ERR_INTERNAL',
      `The transpiler made bindings of an unknown form: ${unbounded?.[0] ?? 'no instantiate'}.`,
    );
  return script;
}
