/** For the packages that come with this one and look for rows of batches that they have. Without a promise. */
export { BatchSelector } from './batch-selector.js';
export { type LiteralPattern, literalPattern } from './literal-pattern.js';
export { type CaselessNeedles, caselessNeedles, type Needle, type NeedleList, plainNeedle } from './needle.js';
export {
  type CompiledPattern,
  type FoundRange,
  loadPatternEngine,
  type PatternEngine,
  rangeFinder,
} from './pattern-engine.js';
export { RowSelector, type SelectedRows } from './row-selector.js';
export {
  Comparison,
  candidatesOf,
  loadSelection,
  placedBytes,
  requirePattern,
  type Selection,
  type SelectionPlan,
  type SelectionTest,
  selects,
} from './selection-plan.js';
export { bitBytes, MOST_NEEDLE_BYTES, selectionBytes } from './selection-space.js';
export { type TimeRange, timeRange } from './time-range.js';
