export { renamed } from './binary-copies.js';
export { buildClaimant, type Claim, claiming } from './claimant.js';
export { keptPlugin } from './kept-plugin.mjs';
export { buildCounter, buildEscaper, buildFragile, buildJoiner, buildPicky } from './small-plugins.js';
