/** Checks of options. Not in the other index: threads of plugins need none of it. */
export { nearestName } from './nearest-name.js';
export {
  invalidOption,
  type OptionTable,
  type OptionType,
  optionsFromJson,
  requireOption,
  requireOptions,
} from './option-table.js';
export * as option from './option-types.js';
export { RING_SHAPE } from './ring-shape.js';
