/**
 * The transpiler makes identifiers of a component's names, and some of them (`arguments`, `module0`) it does not keep apart from
 * JavaScript's or its own. Bindings that no thread could import are found out here, so that it is the component that is refused.
 */
import { Script } from 'node:vm';
import { describe, PluginInvalidError } from '../shared/errors.js';

/** The bindings are a module that imports nothing; without this word they are a script, which can be parsed without being run. */
const EXPORT = /^export (?=const |function )/gm;

/** @throws PluginInvalidError when the bindings are not JavaScript. */
export function requireSyntax(glue: string): void {
  try {
    new Script(`'use strict';${glue.replace(EXPORT, '')}`, { filename: 'bindings of the component' });
  } catch (error) {
    throw new PluginInvalidError(`The component has names of which no bindings can be made: ${describe(error)}`, {
      cause: error,
    });
  }
}
