export { renamed } from './binary-copies.js';
export { buildClaimant, type Claim, claiming } from './claimant.js';
export { buildCounter, buildFragile } from './small-plugins.js';
