/** From a component's binary to its bindings (JavaScript) and core modules, with jco's transpiler. */
import { readFileSync } from 'node:fs';
import { describe, PluginInvalidError } from '../shared/errors.js';

const TRANSPILER = new URL('../transpiler/js-component-bindgen-component.js', import.meta.url);
const TOOLCHAIN = new URL('../transpiler/toolchain.json', import.meta.url);

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
  const { name, version } = JSON.parse(readFileSync(TOOLCHAIN, 'utf8')) as { name: string; version: string };
  return `${name}@${version}`;
}

/** @throws PluginInvalidError with the transpiler's own message when it refuses the component. */
export async function transpile(component: Uint8Array): Promise<Transpiled> {
  const transpiler = (await import(TRANSPILER.href)) as Transpiler;
  await transpiler.$init;
  const files = generate(transpiler, component);
  const glue = files.find(([name]) => name.endsWith('.js'));
  if (glue === undefined) throw new PluginInvalidError('The transpiler made no bindings of the component.');
  return {
    glue: Buffer.from(glue[1]).toString('utf8'),
    coreModules: new Map(files.filter(([name]) => name.endsWith('.wasm'))),
  };
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
    const reason = describe(payload ?? error);
    throw new PluginInvalidError(`The component is not valid: ${reason.split('\n')[0]}`, { cause: error });
  }
}
