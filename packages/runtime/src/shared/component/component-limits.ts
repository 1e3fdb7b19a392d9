/**
 * What a component may consist of before the transpiler is let near it. Measured: a Rust plugin that imports all of WASI 0.2
 * has 4 core modules, 34 core instances, 30 imports, 390 types, 440 aliases and 1.9 MB of bindings; the engine in every
 * ComponentizeJS plugin is one core module of 10 MB with 20,000 functions and 6,700 data segments. The defaults leave room
 * for some ten times that, and for four times those bindings.
 */

/** Counts are of the whole binary, nested components included; those that begin with `module` are of each core module. */
export interface ComponentLimits {
  /** Bytes of one name. Default 512. */
  readonly nameBytes: number;
  /** How deep components, and types of components and instances, may stand in one another. Default 16. */
  readonly nesting: number;
  /** Sections of components, custom sections included. Default 50,000. */
  readonly sections: number;
  /** Nested components. Default 1,000. */
  readonly components: number;
  /** Core modules. Default 100. */
  readonly coreModules: number;
  /** Core instances, counted as often as the component around them is instantiated. Default 1,000. */
  readonly coreInstances: number;
  /** Instances of components, counted in the same way. Default 5,000. */
  readonly instances: number;
  /** Elements of the element segments of all core instances together. Default 2,000,000. */
  readonly elementEntries: number;
  /** Types, those declared inside of other types included. Default 50,000. */
  readonly types: number;
  /** Fields, cases, parameters and declarations of all types together. Default 500,000. */
  readonly typeParts: number;
  /** Aliases. Default 50,000. */
  readonly aliases: number;
  /** Functions lifted, lowered or built in. Default 20,000. */
  readonly functions: number;
  /** Imports of components. Default 5,000. */
  readonly imports: number;
  /** Exports of components. Default 5,000. */
  readonly exports: number;
  /** Arguments and inline exports of all instances together. Default 50,000. */
  readonly links: number;
  /** Sections of a core module, custom sections included. Default 1,000. */
  readonly moduleSections: number;
  /** Types of a core module. Default 50,000. */
  readonly moduleTypes: number;
  /** Parameters, results and fields of all types of a core module together. Default 250,000. */
  readonly moduleTypeParts: number;
  /** Imports of a core module. Default 10,000. */
  readonly moduleImports: number;
  /** Functions that a core module defines. Default 250,000. */
  readonly moduleFunctions: number;
  /** Bytes of one function. Default 2,000,000; the largest known has 181,000, and V8 takes 7,654,321. */
  readonly functionBytes: number;
  /** Locals of one function, its parameters not included. Default 10,000; the most known are 128, and V8 takes 50,000. */
  readonly functionLocals: number;
  /** Locals of all functions of a core module together. Default 2,000,000; the most known are 52,000. */
  readonly moduleLocals: number;
  /**
   * Locals and operands that there are at each block and branch of one function, added up. Default 10,000,000; the most known
   * are 937,000. The compiler takes some 30 bytes for each of them, in one go that no time limit interrupts.
   */
  readonly functionBranchValues: number;
  /** Loops of one function. Default 10,000; to optimise 166,000 of them takes gigabytes and a minute. */
  readonly functionLoops: number;
  /** Tables that a core module defines. Default 100. */
  readonly moduleTables: number;
  /** Memories that a core module defines. Default 10. */
  readonly moduleMemories: number;
  /** Globals that a core module defines. Default 100,000. */
  readonly moduleGlobals: number;
  /** Exports of a core module. Default 50,000. */
  readonly moduleExports: number;
  /** Element segments of a core module. Default 50,000. */
  readonly moduleElements: number;
  /** Elements of all element segments of a core module together. Default 1,000,000. */
  readonly moduleElementEntries: number;
  /** Data segments of a core module. Default 100,000, which is V8's own limit. */
  readonly moduleData: number;
  /** Exception tags that a core module defines. Default 1,000. */
  readonly moduleTags: number;
  /** Bytes of one constant expression, as globals and segments have. Default 10,000. */
  readonly constantBytes: number;
  /** Bytes of the bindings that the transpiler writes. Default 8 MiB; plugins have 170 KB to 2 MB. */
  readonly glueBytes: number;
}

export type LimitName = keyof ComponentLimits;

export const DEFAULT_LIMITS: ComponentLimits = {
  nameBytes: 512,
  nesting: 16,
  sections: 50_000,
  components: 1_000,
  coreModules: 100,
  coreInstances: 1_000,
  instances: 5_000,
  elementEntries: 2_000_000,
  types: 50_000,
  typeParts: 500_000,
  aliases: 50_000,
  functions: 20_000,
  imports: 5_000,
  exports: 5_000,
  links: 50_000,
  moduleSections: 1_000,
  moduleTypes: 50_000,
  moduleTypeParts: 250_000,
  moduleImports: 10_000,
  moduleFunctions: 250_000,
  functionBytes: 2_000_000,
  functionLocals: 10_000,
  moduleLocals: 2_000_000,
  functionBranchValues: 10_000_000,
  functionLoops: 10_000,
  moduleTables: 100,
  moduleMemories: 10,
  moduleGlobals: 100_000,
  moduleExports: 50_000,
  moduleElements: 50_000,
  moduleElementEntries: 1_000_000,
  moduleData: 100_000,
  moduleTags: 1_000,
  constantBytes: 10_000,
  glueBytes: 8 * 1024 * 1024,
};

/** What all instances of a component together may hold at run time. Infinity: no limit but the format's own. */
export interface ComponentCaps {
  /** Bytes of linear memory. */
  readonly memoryBytes: number;
  /** Elements of tables. */
  readonly tableElements: number;
}
