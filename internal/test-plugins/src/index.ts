export { renamed } from './binary-copies.js';
export { buildClaimant, type Claim, claiming } from './claimant.js';
export { buildCounter, buildEscaper, buildFragile, buildJoiner, buildPicky } from './small-plugins.js';
