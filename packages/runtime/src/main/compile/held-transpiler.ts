/**
 * Holds the transpiler's modules for a while. V8 gives a thread that compiles the same bytes the code of a module that is still held
 * anywhere in the process. Without that each component's thread compiles and optimizes the transpiler anew, which takes three times the
 * processor time of all else that it does.
 */

import type { WasmModule } from '../../shared/component/wasm-types.js';

/** After the last component. The modules and their code take some 20 MB. */
const HOLD_MS = 30_000;

let held: readonly WasmModule[] = [];
let timer: NodeJS.Timeout | undefined;

/** @param modules none, if the component was transpiled before */
export function holdTranspiler(modules: readonly WasmModule[]): void {
  if (modules.length === 0) return;
  held = modules;
  timer ??= setTimeout(release, HOLD_MS).unref();
  timer.refresh();
}

/** What is held at the moment. */
export function heldTranspiler(): readonly WasmModule[] {
  return held;
}

function release(): void {
  held = [];
  timer = undefined;
}
