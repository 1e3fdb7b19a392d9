/** The two kinds of plugins: what their components export, and what stands for it in the guest library. */

export const PLUGIN_KINDS = ['parser', 'bytesource'] as const;

/** What a plugin does: a `parser` makes items of bytes, a `bytesource` delivers bytes. */
export type PluginKind = (typeof PLUGIN_KINDS)[number];

/** An interface that a component exports besides its kind's own, if its plugin uses what belongs to it. */
export interface OptionalExport {
  readonly interface: string;
  /** Core export names, by the name of the function in the kind's `exportsModule`. */
  readonly exports: ReadonlyMap<string, string>;
  /** A function of the guest library that is compiled only into plugins that use it. */
  readonly marker: string;
}

export interface KindDescription {
  /** The base class of the author's plugin. */
  readonly baseClass: string;
  /** The module of the guest library with the functions that become exports. */
  readonly exportsModule: string;
  /** The component's world. */
  readonly world: string;
  /** The interface that it exports. */
  readonly interface: string;
  /** Core export names, by the name of the function in `exportsModule`. */
  readonly exports: ReadonlyMap<string, string>;
  /** The exported functions whose result the host hands back to `post`. */
  readonly postReturns: readonly string[];
  readonly optional: readonly OptionalExport[];
}

/** Its list stays where it is until the next call, so nothing is to be freed when the host has read it. */
const TIMES: OptionalExport = {
  interface: 'chipmunk-host:rows/times@0.1.0',
  exports: new Map([['getItemTimes', 'chipmunk-host:rows/times@0.1.0#get-item-times']]),
  marker: 'item-times/placeOf',
};

export const KINDS: Readonly<Record<PluginKind, KindDescription>> = {
  parser: {
    ...describe('Parser', 'parser-exports', 'chipmunk:parser/parse@0.1.0', 'chipmunk:parser/parser@0.1.0', [
      ['getVersion', 'get-version'],
      ['getConfigSchemas', 'get-config-schemas'],
      ['getRenderOptions', 'get-render-options'],
      ['init', 'init'],
      ['parse', 'parse'],
    ]),
    optional: [TIMES],
  },
  bytesource: describe(
    'ByteSource',
    'byte-source-exports',
    'chipmunk:bytesource/bytesource@0.1.0',
    'chipmunk:bytesource/byte-source@0.1.0',
    [
      ['getVersion', 'get-version'],
      ['getConfigSchemas', 'get-config-schemas'],
      ['init', 'init'],
      ['read', 'read'],
    ],
  ),
};

export function isPluginKind(value: unknown): value is PluginKind {
  return PLUGIN_KINDS.some((kind) => kind === value);
}

function describe(
  baseClass: string,
  exportsModule: string,
  world: string,
  exportedInterface: string,
  functions: readonly (readonly [string, string])[],
): KindDescription {
  const postReturns = functions.map(([, witName]) => `cabi_post_${exportedInterface}#${witName}`);
  const exports = new Map(functions.map(([name, witName]) => [name, `${exportedInterface}#${witName}`]));
  return { baseClass, exportsModule, world, interface: exportedInterface, exports, postReturns, optional: [] };
}
