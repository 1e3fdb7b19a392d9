/**
 * Gives a module that AssemblyScript compiled a second memory. AssemblyScript knows one; so each of its source files says, in the
 * table MEMORY, which memory its loads and stores mean. A file that is not in the table has none. Functions of different files call each other,
 * and Binaryen puts them into one another.
 *
 * Inlining by AssemblyScript would move loads into a function of another file: `@inline` is taken out of the sources before.
 */
import binaryen from 'assemblyscript/binaryen';

/** The plugin's memory is imported and never written, the ring's is shared. */
const MEMORY = {
  alike: 'plugin',
  'attachment-cost': 'plugin',
  cells: 'ring',
  copy: 'plugin',
  'first-bytes': 'plugin',
  'frame-header': 'ring',
  layout: 'ring',
  measure: 'plugin',
  separators: 'plugin',
  transfer: 'plugin',
  'transfer-attachment': 'plugin',
  utf8: 'ring',
};
const IMPORTED = / \(import "env" "memory" \(memory \$\w+ (\d+ \d+ shared)\)\)\n/;
const MEMORY_INSTRUCTION = /(?<=\()(?:(?:[if](?:32|64)|v128)\.(?:load|store)\w*|memory\.\w+)(?=[\s)])/g;
const WRITES_PLUGIN = /\((?:\S+\.store\S*|memory\.(?:copy|fill|init|grow)) \$plugin/;

/** What AssemblyScript uses, and more than one memory. */
const FEATURES = [
  ...['Atomics', 'BulkMemory', 'BulkMemoryOpt', 'MultiMemory', 'MutableGlobals'],
  ...['NontrappingFPToInt', 'SIMD128', 'SignExt'],
];

/** All functions are put into those that call them, of any size: a call in a loop takes as long as copying fifty bytes. */
const INLINE_NODES = 5000;
/** But these, which are called seldom, or have the loop. */
const APART = ['alike', 'attachmentAndRow', 'cuts', 'lay', 'records', 'table', 'text'];

/** @param source text of an AssemblyScript file of module `lift` */
export function withoutInline(source) {
  return source.replaceAll('@inline ', '');
}

/**
 * @param text the module, not optimized, in folded text form
 * @returns {Uint8Array} the binary, optimized
 */
export function withTwoMemories(text) {
  const [head, ...functions] = text.split(/^(?= \(func )/m);
  if (!IMPORTED.test(head)) throw new Error('lift imports no memory');
  const imports = ' (import "plugin" "memory" (memory $plugin 0))\n (import "env" "memory" (memory $ring $1))\n';
  const named = [head.replace(IMPORTED, imports), ...functions.map(withNamedMemory)].join('');
  if (WRITES_PLUGIN.test(named)) throw new Error("lift writes the plugin's memory");
  return optimized(named);
}

function withNamedMemory(text) {
  const file = /^ \(func \$\S*\/([\w-]+)\//.exec(text)?.[1];
  return text.replaceAll(MEMORY_INSTRUCTION, (instruction) => {
    const memory = MEMORY[file];
    if (memory === undefined) throw new Error(`${file}.ts uses memory, and does not say which: ${instruction}`);
    // Whoever copies reads this file's memory, and writes the ring's.
    return instruction === 'memory.copy' ? `${instruction} $ring $${memory}` : `${instruction} $${memory}`;
  });
}

function optimized(text) {
  const module = binaryen.parseText(text);
  module.setFeatures(FEATURES.reduce((set, name) => set | binaryen.Features[name], 0));
  if (!module.validate()) throw new Error('lift is not valid');
  binaryen.setOptimizeLevel(3);
  binaryen.setShrinkLevel(0);
  binaryen.setAlwaysInlineMaxSize(30);
  binaryen.setFlexibleInlineMaxSize(INLINE_NODES);
  binaryen.setOneCallerInlineMaxSize(INLINE_NODES);
  binaryen.setAllowInliningFunctionsWithLoops(true);
  for (const name of APART) {
    binaryen.setPassArgument('no-inline', `*/${name}`);
    module.runPasses(['no-inline']);
  }
  module.optimize();
  const binary = module.emitBinary();
  module.dispose();
  return binary;
}
