/**
 * The bindings that jco generates hold the names of core imports and exports as they are: a name with a quote in it becomes
 * code of the host. So every name in a component is checked against an allow-list before any bindings are made, also where
 * today's transpiler would leave it out or refuse it itself.
 */
import { PluginInvalidError } from '../../shared/errors.js';
import type { ByteCursor } from './byte-cursor.js';
import type { LimitTally } from './limit-tally.js';

/**
 * Names of core imports and exports: what WIT names, the component tools' own (`cm32p2|...`, `$imports`, `[method]...`)
 * and the exports of ordinary compilers need. Inert wherever they can be put: in quotes of any kind, and in comments.
 */
const CORE_NAME = /^[A-Za-z0-9_.:/@#|[\]$<>=+\- ]*$/;
/** Names that are more than a name to JavaScript, even as the key of an object literal. */
const SPECIAL_KEYS: ReadonlySet<string> = new Set(['__proto__']);

/** Label and extern name of https://github.com/WebAssembly/component-model/blob/main/design/mvp/Explainer.md#name-uniqueness */
const LABEL = '[A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)*';
const LABEL_NAME = new RegExp(`^${LABEL}$`);
/** A plain name (`[method]file.read`) or an interface (`namespace:package/interface@1.2.3`); no URLs, hashes or ranges. */
const EXTERN_NAME = new RegExp(
  `^(?:(?:\\[[a-z ]{1,20}\\])?${LABEL}(?:\\.${LABEL})?|${LABEL}(?::${LABEL})+(?:/${LABEL})*(?:@[0-9A-Za-z.+-]+)?)$`,
);

/** Reads one name at the cursor and returns it when it is allowed. */
export type NameReader = (cursor: ByteCursor, tally: LimitTally) => string;

/** A name of a core module's imports or exports. */
export const readCoreName: NameReader = (cursor, tally) => readName(cursor, tally, isCoreName);
/** A name that a component, or an instance, imports or exports something by. */
export const readExternName: NameReader = (cursor, tally) => readName(cursor, tally, (name) => EXTERN_NAME.test(name));
/** A name of a field, case, flag or parameter. */
export const readLabel: NameReader = (cursor, tally) => readName(cursor, tally, (name) => LABEL_NAME.test(name));

/** @throws PluginInvalidError naming the first import or export of the module that is not allowed. */
export function requireSafeModule(module: WebAssembly.Module): void {
  for (const entry of WebAssembly.Module.imports(module))
    for (const name of [entry.module, entry.name]) if (!isCoreName(name)) throw notAllowed(name);
  for (const { name } of WebAssembly.Module.exports(module)) if (!isCoreName(name)) throw notAllowed(name);
}

function isCoreName(name: string): boolean {
  return CORE_NAME.test(name) && !SPECIAL_KEYS.has(name);
}

function readName(cursor: ByteCursor, tally: LimitTally, isAllowed: (name: string) => boolean): string {
  const length = cursor.u32();
  tally.require('nameBytes', length);
  const name = cursor.text(length);
  if (!isAllowed(name)) throw notAllowed(name);
  return name;
}

function notAllowed(name: string): PluginInvalidError {
  return new PluginInvalidError(
    `The component has a name that is not allowed: ${JSON.stringify(name.slice(0, 80))}. Names of WIT and, for core functions, letters, digits and _.:/@#|[]$<>=+- are allowed.`,
  );
}
