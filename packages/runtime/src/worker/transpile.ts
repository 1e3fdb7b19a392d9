/** From a component's binary to its bindings (JavaScript) and core modules, with jco's transpiler. */
import { readFileSync } from 'node:fs';
import type { ComponentLimits } from '../shared/component-limits.js';
import { describe, PluginInvalidError } from '../shared/errors.js';
import { formatToolchain, TOOLCHAIN } from '../shared/toolchain.js';
import { LimitTally } from './limit-tally.js';
import { capSizes } from './size-cap.js';

const TRANSPILER = new URL('../transpiler/js-component-bindgen-component.js', import.meta.url);
/** By how much the transpiler's own memory may grow, in pages: to 1 GiB. It takes 36 MB for a component of 10 MB. */
const TRANSPILER_GROWTH = { memoryPages: 16_384, tableElements: undefined };
const GLUE_FILE = 'component.js';
const MODULE_FILE = /^component\.core\d{0,4}\.wasm$/;

/** The part of jco's transpiler that is used; its package ships the full types. */
interface Transpiler {
  readonly $init: Promise<void>;
  generate(
    component: Uint8Array,
    options: {
      name: string;
      instantiation: { tag: 'sync' };
      noTypescript: boolean;
      noNodejsCompat: boolean;
      noComponentErrorWrapping: boolean;
      base64Cutoff: number;
    },
  ): { files: [name: string, content: Uint8Array][] };
}

export interface Transpiled {
  readonly glue: string;
  /** Core modules by the names that the glue asks for. */
  readonly coreModules: ReadonlyMap<string, Uint8Array>;
}

/** Name and version of what makes the output: part of the key under which it is kept. */
export function toolchain(): string {
  return formatToolchain(readFileSync(TOOLCHAIN, 'utf8'));
}

/** @throws PluginInvalidError with the transpiler's own message when it refuses the component, or its bindings are too large. */
export async function transpile(component: Uint8Array, limits: ComponentLimits): Promise<Transpiled> {
  const transpiler = await loadTranspiler();
  let glue: string | undefined;
  const coreModules = new Map<string, Uint8Array>();
  for (const [name, content] of generate(transpiler, component)) {
    // The names become files of the cache, and its own are no others than these.
    if (name === GLUE_FILE) {
      // Before a string is made of it, which a thread's heap may not hold.
      new LimitTally(limits).require('glueBytes', content.length);
      glue = Buffer.from(content).toString('utf8');
    } else if (MODULE_FILE.test(name)) coreModules.set(name, content);
    else
      throw new PluginInvalidError(
        `The transpiler made a file with a name that is not expected: ${JSON.stringify(name)}.`,
      );
  }
  if (glue === undefined) throw new PluginInvalidError('The transpiler made no bindings of the component.');
  return { glue, coreModules };
}

let loaded: Promise<Transpiler> | undefined;

function loadTranspiler(): Promise<Transpiler> {
  loaded ??= loadCapped();
  return loaded;
}

/**
 * The transpiler is itself WebAssembly, whose memory no heap limit counts: a small component can make it take 4 GiB. It compiles
 * its modules while it is loaded, and that is where their memory is capped.
 */
async function loadCapped(): Promise<Transpiler> {
  const { compile } = WebAssembly;
  WebAssembly.compile = (bytes) =>
    compile(capSizes(new Uint8Array(bytes), TRANSPILER_GROWTH) as Uint8Array<ArrayBuffer>);
  try {
    const transpiler = (await import(TRANSPILER.href)) as Transpiler;
    await transpiler.$init;
    return transpiler;
  } finally {
    WebAssembly.compile = compile;
  }
}

function generate(transpiler: Transpiler, component: Uint8Array): [string, Uint8Array][] {
  try {
    return transpiler.generate(component, {
      name: 'component',
      instantiation: { tag: 'sync' },
      noTypescript: true,
      noNodejsCompat: true,
      noComponentErrorWrapping: true,
      base64Cutoff: 0,
    }).files;
  } catch (error) {
    const { payload } = error as { payload?: unknown };
    const reason = innermost(describe(payload ?? error));
    throw new PluginInvalidError(`The component is not valid: ${reason}`, { cause: error });
  }
}

/** What failed and, from the last line of the causes below it, why. */
function innermost(report: string): string {
  const lines = report.split('\n').filter((line) => line.trim() !== '');
  const [what = 'no reason was given'] = lines;
  const why = lines.at(-1)?.trim();
  return why === undefined || lines.length === 1 ? what : `${what}: ${why}`;
}
