/** Makes a component of a compiled plugin: names its exports as the interface does, embeds the WIT, wraps it. */
import { componentEmbed, componentNew } from '@bytecodealliance/jco-transpile/wasm-tools';
import { BuildError, reasonOf } from './build-error.js';
import { functionImports, renameExports } from './core-exports.js';
import type { KindDescription, OptionalExport } from './plugin-kind.js';
import { PLUGIN_WORLD, WASI_PREFIX, witSource } from './wit-source.js';

/**
 * @param optional what the module exports besides what its kind demands
 * @throws {BuildError} when the plugin uses what no host offers, or is no component of this kind
 */
export async function linkComponent(
  module: Uint8Array,
  kind: KindDescription,
  optional: readonly OptionalExport[],
): Promise<Uint8Array> {
  const imports = functionImports(module);
  refuseForeignImports(imports);
  const core = renameExports(module, exportNames(kind, optional));
  const wit = await witSource(kind.world, {
    usesWasi: imports.some((name) => name.startsWith(WASI_PREFIX)),
    exports: [kind, ...optional].map((exported) => exported.interface),
  });
  const embedded = await step('embed the interface', () =>
    componentEmbed({ binary: core, witSource: wit, world: PLUGIN_WORLD }),
  );
  return step('make the component', () => componentNew(embedded, []));
}

function exportNames(kind: KindDescription, optional: readonly OptionalExport[]): Map<string, readonly string[]> {
  const names = new Map<string, readonly string[]>([
    ['memory', ['memory']],
    ['cabi_realloc', ['cabi_realloc']],
    ['post', kind.postReturns],
  ]);
  for (const { exports } of [kind, ...optional]) for (const [name, coreName] of exports) names.set(name, [coreName]);
  return names;
}

/** `console.log`, `Math.random` and the like compile to imports that no host of plugins has. */
function refuseForeignImports(imports: readonly string[]): void {
  const known = ['chipmunk:shared/', WASI_PREFIX];
  const foreign = imports.filter((name) => !known.some((prefix) => name.startsWith(prefix)));
  if (foreign.length === 0) return;
  throw new BuildError(
    'build',
    `the plugin uses what a Chipmunk host does not offer: ${foreign.join(', ')} ` +
      '(console.log, trace, Math.random and Date.now do not exist in a plugin; there is log for messages)',
  );
}

async function step(what: string, run: () => Promise<Uint8Array>): Promise<Uint8Array> {
  try {
    return await run();
  } catch (error) {
    throw new BuildError('build', `cannot ${what}: ${reasonOf(error)}`, { cause: error });
  }
}
