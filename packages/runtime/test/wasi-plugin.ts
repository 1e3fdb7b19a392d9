/** A real component, made with Rust, that runs in this thread under a WasiHost. See fixtures/wasi-probe. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compile } from '@chipmunk-host/runtime';
import {
  type CompiledComponent,
  ComponentInstance,
  type DirectFunction,
  type WasiGrants,
  type WasiLimits,
} from '@chipmunk-host/runtime/internal/worker';
import { WasiHost } from '@chipmunk-host/runtime/internal/worker/wasi';

export const PROBES = ['wasi-probe-preview1.wasm', 'wasi-probe-preview2.wasm'] as const;

export interface WasiPlugin {
  readonly host: WasiHost;
  readonly instance: ComponentInstance;
  /** Lines as `stdout: text`. */
  readonly output: string[];
  readonly run: (...command: string[]) => string;
}

export async function probe(file: string): Promise<CompiledComponent> {
  return compile(await readFile(join(import.meta.dirname, 'fixtures', file)));
}

export async function startPlugin(
  component: CompiledComponent,
  grants: WasiGrants = {},
  limits: Partial<WasiLimits> = {},
): Promise<WasiPlugin> {
  const output: string[] = [];
  const host = new WasiHost(grants, limits, {
    onOutput: (stream, line) => output.push(`${stream}: ${line}`),
    onOutputDropped: (stream, bytes) => output.push(`${stream} dropped ${bytes}`),
  });
  const instance = ComponentInstance.create(component, {
    imports: host.bindingsImports(component.imports),
    replaceCoreImport: (module, name, caller) => host.replaceCoreImport(module, name, caller),
  });
  const run = instance.exports.run as (command: string) => string;
  return { host, instance, output, run: (...command) => run(command.join('|')) };
}

/** A call of `run` without the bindings. */
export function directRun(direct: DirectFunction, command: string): string {
  const bytes = Buffer.from(command);
  if (direct.realloc === undefined) throw new Error('the plugin has no realloc');
  const pointer = direct.realloc(0, 0, 1, bytes.length) >>> 0;
  new Uint8Array(direct.memory.buffer).set(bytes, pointer);
  const result = direct.call(pointer, bytes.length) >>> 0;
  const view = new DataView(direct.memory.buffer);
  const [at, length] = [view.getUint32(result, true), view.getUint32(result + 4, true)];
  const text = Buffer.from(direct.memory.buffer, at, length).toString();
  direct.postReturn?.(result);
  return text;
}
