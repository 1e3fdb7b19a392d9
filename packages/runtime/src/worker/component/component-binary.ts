/**
 * Reads from a component's binary what neither its core modules nor jco's output tell: its imports and exports in full,
 * how its functions are lifted and lowered, and what an instance takes. A binary that passes is one that the transpiler may see.
 * Format: https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md
 */
import { requireComponent } from '../../shared/component/component-header.js';
import type { ComponentLimits } from '../../shared/component/component-limits.js';
import type { UncountedFeature } from '../../shared/component/wasm-features.js';
import { PluginInvalidError } from '../../shared/errors.js';
import { ByteCursor } from './byte-cursor.js';
import { type ComponentLinks, linkComponent } from './component-links.js';
import { type ComponentOutline, walkComponent } from './component-walk.js';
import { FeatureTally } from './core-features.js';
import { LimitTally } from './limit-tally.js';

/** @throws PluginInvalidError when the bytes are no component, or not one that is taken, saying why. */
export function readComponent(
  bytes: Uint8Array,
  limits: ComponentLimits,
  allowed: readonly UncountedFeature[],
): ComponentOutline & ComponentLinks {
  requireComponent(bytes);
  const outline = walkComponent(new ByteCursor(bytes), new LimitTally(limits), new FeatureTally(allowed));
  for (const name of outline.exports) if (/^[^:]*[A-Z]/.test(name)) throw capitals(name);
  return { ...outline, ...linkComponent(new ByteCursor(bytes)) };
}

function capitals(name: string): PluginInvalidError {
  return new PluginInvalidError(
    `The component exports '${name}', a name with capital letters, for which the transpiler makes no bindings.`,
    { help: 'Give it a name in small letters, or export an interface.' },
  );
}
