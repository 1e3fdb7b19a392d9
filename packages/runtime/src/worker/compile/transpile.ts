/** From a component's binary to its bindings (JavaScript) and core modules, with jco's transpiler. */
import { readFileSync } from 'node:fs';
import type { ComponentLimits } from '../../shared/component/component-limits.js';
import { formatToolchain, TOOLCHAIN } from '../../shared/component/toolchain.js';
import type { WasmModule } from '../../shared/component/wasm-types.js';
import { describe, PluginInvalidError } from '../../shared/errors.js';
import { LimitTally } from '../component/limit-tally.js';
import { capSizes } from './size-cap.js';
import { TranspilerOutput } from './transpiler-output.js';

const TRANSPILER = new URL('../../transpiler/js-component-bindgen-component.js', import.meta.url);
/** By how much the transpiler's own memory may grow, in pages: to 1 GiB. It takes 36 MB for a component of 10 MB. */
const TRANSPILER_GROWTH = { memoryPages: 16_384, tableElements: undefined };
const GLUE_FILE = 'component.js';
const MODULE_FILE = /^component\.core(\d{0,4})\.wasm$/;

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
    else throw new PluginInvalidError(`The transpiler made a file with an unexpected name: ${JSON.stringify(name)}.`);
  }
  if (glue === undefined) throw new PluginInvalidError('The transpiler made no bindings for the component.');
  return { glue, coreModules };
}

/** Of a core module of the transpiler's, by its name: the first is 1. */
export function moduleNumber(name: string): number {
  return Number(MODULE_FILE.exec(name)?.[1] || 1);
}

/** The transpiler's own modules, once it is loaded. */
export const transpilerModules: WasmModule[] = [];

let loaded: Promise<Transpiler> | undefined;

function loadTranspiler(): Promise<Transpiler> {
  loaded ??= loadCapped();
  return loaded;
}

/**
 * The transpiler is itself WebAssembly, whose memory no heap limit counts: a small component can make it take 4 GiB. It compiles
 * its modules while it is loaded, and that is where their memory is capped. What it prints is kept, to say why it panicked.
 */
async function loadCapped(): Promise<Transpiler> {
  const { compile, instantiate } = WebAssembly;
  WebAssembly.compile = async (bytes) => {
    const module = await compile(capSizes(new Uint8Array(bytes), TRANSPILER_GROWTH) as Uint8Array<ArrayBuffer>);
    transpilerModules.push(module);
    return module;
  };
  WebAssembly.instantiate = instantiatePrinting;
  try {
    const transpiler = (await import(TRANSPILER.href)) as Transpiler;
    await transpiler.$init;
    return transpiler;
  } finally {
    Object.assign(WebAssembly, { compile, instantiate });
  }
}

async function instantiatePrinting(
  module: WebAssembly.Module,
  imports: WebAssembly.Imports = {},
): Promise<WebAssembly.Instance> {
  const { wasi_snapshot_preview1: system } = imports;
  if (system === undefined) return new WebAssembly.Instance(module, imports);
  const output = new TranspilerOutput();
  const instance = new WebAssembly.Instance(module, {
    ...imports,
    wasi_snapshot_preview1: { ...system, fd_write: output.write },
  });
  output.memory = instance.exports.memory as WebAssembly.Memory;
  printed = output;
  return instance;
}

/** What the transpiler has printed; only a panic prints. */
let printed: TranspilerOutput | undefined;

function generate(transpiler: Transpiler, component: Uint8Array): [string, Uint8Array][] {
  printed?.clear();
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
    if (error instanceof WebAssembly.RuntimeError) throw gaveUp(error);
    const { payload } = error as { payload?: unknown };
    const reason = innermost(describe(payload ?? error));
    throw new PluginInvalidError(`The component is not valid: ${reason}`, { cause: error });
  }
}

function gaveUp(error: Error): PluginInvalidError {
  const panic = printed?.panic();
  return new PluginInvalidError(
    `The component has something of which the transpiler (${toolchain()}) can make no bindings: it ${
      panic === undefined ? `ended with '${error.message}'` : `failed at ${panic.place} with '${panic.message}'`
    }.`,
    {
      cause: error,
      help: "Build the plugin with the tools of its language for the component model's current version, and export nothing but what Chipmunk's interfaces name.",
    },
  );
}

/** What failed and, from the last line of the causes below it, why. */
function innermost(report: string): string {
  const lines = report.split('\n').filter((line) => line.trim() !== '');
  const [what = 'no reason was given'] = lines;
  const why = lines.at(-1)?.trim();
  return why === undefined || lines.length === 1 ? what : `${what}: ${why}`;
}
