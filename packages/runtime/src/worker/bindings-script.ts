/**
 * The transpiler's bindings are a module that imports nothing. They are run as a script: a module's source would have to be its
 * own URL, of which a thread keeps five copies for as long as it lives.
 */
import { Script } from 'node:vm';
import { describe, PluginInvalidError } from '../shared/errors.js';

const EXPORT = /^export (?=const |function )/gm;

/** The bindings as a script whose value has the function `instantiate`. */
export function bindingsScript(glue: string): string {
  return `(() => {'use strict';${keepingMarks(glue.replace(EXPORT, ''))}\nreturn { instantiate };\n})()`;
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
    throw new PluginInvalidError(`The component has names of which no bindings can be made: ${describe(error)}`, {
      cause: error,
    });
  }
}

/** The bindings' decoders drop a byte order mark at a text's beginning, which is the plugin's own. */
function keepingMarks(glue: string): string {
  return glue
    .replaceAll('new TextDecoder()', "new TextDecoder('utf-8', { ignoreBOM: true })")
    .replaceAll("new TextDecoder('utf-16')", "new TextDecoder('utf-16', { ignoreBOM: true })");
}
