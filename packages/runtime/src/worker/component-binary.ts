/**
 * Reads from a component's binary what neither its core modules nor jco's output tell: its imports and exports in full,
 * how each exported function is lifted, and what an instance takes. A binary that passes is one that the transpiler may see.
 * Format: https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md
 */
import type { DirectExport } from '../shared/component.js';
import { requireComponent } from '../shared/component-header.js';
import type { ComponentLimits } from '../shared/component-limits.js';
import type { UncountedFeature } from '../shared/wasm-features.js';
import { ByteCursor } from './byte-cursor.js';
import { ComponentLifts } from './component-lifts.js';
import { type ComponentOutline, walkComponent } from './component-walk.js';
import { FeatureTally } from './core-features.js';
import { LimitTally } from './limit-tally.js';

/** @throws PluginInvalidError when the bytes are no component, or not one that is taken, saying why. */
export function readComponent(
  bytes: Uint8Array,
  limits: ComponentLimits,
  allowed: readonly UncountedFeature[],
): ComponentOutline & { readonly direct: ReadonlyMap<string, DirectExport>; readonly utf8Only: boolean } {
  requireComponent(bytes);
  const lifts = new ComponentLifts();
  const outline = walkComponent(
    new ByteCursor(bytes),
    new LimitTally(limits),
    new FeatureTally(allowed),
    (id, section) => lifts.read(id, section),
  );
  return { ...outline, direct: lifts.direct(), utf8Only: lifts.utf8Only };
}
