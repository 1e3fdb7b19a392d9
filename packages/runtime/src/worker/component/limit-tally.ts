/** Counts what a binary consists of, and refuses it at the first limit that it goes over. */
import type { ComponentLimits, LimitName } from '../../shared/component/component-limits.js';
import { PluginInvalidError } from '../../shared/errors.js';

/** What a limit counts, as its message says it. */
const COUNTED: Readonly<Record<LimitName, string>> = {
  nameBytes: 'bytes in one name',
  nesting: 'levels of nesting',
  sections: 'sections',
  components: 'nested components',
  coreModules: 'core modules',
  coreInstances: 'core instances',
  instances: 'component instances',
  elementEntries: 'elements in the segments of its core instances',
  types: 'types',
  typeParts: 'fields, cases, parameters and declarations in its types',
  aliases: 'aliases',
  functions: 'lifted and lowered functions',
  imports: 'imports',
  exports: 'exports',
  links: 'instance arguments and inline exports',
  moduleSections: 'sections in one core module',
  moduleTypes: 'types in one core module',
  moduleTypeParts: 'parameters, results and fields in the types of one core module',
  moduleImports: 'imports in one core module',
  moduleFunctions: 'functions in one core module',
  functionBytes: 'bytes in one function',
  functionLocals: 'locals in one function',
  moduleLocals: 'locals in one core module',
  functionBranchValues: 'locals and operands at the branches of one function',
  functionLoops: 'loops in one function',
  moduleTables: 'tables in one core module',
  moduleMemories: 'memories in one core module',
  moduleGlobals: 'globals in one core module',
  moduleExports: 'exports in one core module',
  moduleElements: 'element segments in one core module',
  moduleElementEntries: 'elements in the segments of one core module',
  moduleData: 'data segments in one core module',
  moduleTags: 'exception tags in one core module',
  constantBytes: 'bytes in one constant expression',
  glueBytes: 'bytes in its bindings',
};

export class LimitTally {
  readonly #limits: ComponentLimits;
  readonly #counts = new Map<LimitName, number>();

  constructor(limits: ComponentLimits) {
    this.#limits = limits;
  }

  /** Counts `more` things of a kind. */
  add(kind: LimitName, more = 1): void {
    const found = (this.#counts.get(kind) ?? 0) + more;
    this.#counts.set(kind, found);
    this.require(kind, found);
  }

  /** How many things of a kind were counted. */
  count(kind: LimitName): number {
    return this.#counts.get(kind) ?? 0;
  }

  /** Begins to count a kind anew. */
  reset(kind: LimitName): void {
    this.#counts.delete(kind);
  }

  /** @throws PluginInvalidError when `found` is over the limit, saying which, its value and what was found. */
  require(kind: LimitName, found: number): void {
    const limit = this.#limits[kind];
    if (found <= limit) return;
    throw new PluginInvalidError(
      `The component has too many ${COUNTED[kind]}: ${found}; at most ${limit} are allowed (limit '${kind}').`,
      { help: 'Raise this limit if you trust the component and it is meant to be that large.' },
    );
  }
}
