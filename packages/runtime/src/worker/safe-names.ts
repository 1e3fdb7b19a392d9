/**
 * The bindings that jco generates hold the names of core imports and exports as they are: a name with a quote in it
 * becomes code of the host. So every name that can get there is held against an allow-list before any bindings are made.
 */
import { PluginInvalidError } from '../shared/errors.js';

/** What WIT names, the component tools' own names (`cm32p2|…`, `$imports`, `[method]…`) and ordinary compilers' exports need. */
const SAFE_NAME = /^[A-Za-z0-9_.:/@#|[\]$<>=+\- ]{0,512}$/;

/** @throws PluginInvalidError naming the first name that is not allowed. */
export function requireSafeNames(names: Iterable<string>): void {
  for (const name of names) {
    if (SAFE_NAME.test(name)) continue;
    throw new PluginInvalidError(
      `The component has a name that is not allowed: ${JSON.stringify(name.slice(0, 80))}. Expected letters, digits and _.:/@#|[]$<>=+- only.`,
    );
  }
}

export function* moduleNames(module: WebAssembly.Module): Generator<string> {
  for (const entry of WebAssembly.Module.imports(module)) yield* [entry.module, entry.name];
  for (const entry of WebAssembly.Module.exports(module)) yield entry.name;
}
