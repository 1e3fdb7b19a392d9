/** The plugin of the fault tests. */
import { join } from 'node:path';
import { keptPlugin } from '@chipmunk-host/test-plugins/kept-plugin';

const ENTRY = join(import.meta.dirname, 'assembly', 'faulty-lines.ts');

/** @returns {Promise<Uint8Array>} the component */
export function faultyPlugin() {
  return keptPlugin({ kind: 'parser', name: 'faulty-lines', entry: ENTRY, names: true });
}
