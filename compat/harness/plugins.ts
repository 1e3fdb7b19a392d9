/** The committed components, by name. */
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '..', 'components', 'wasm');

export const INTEROP_PLUGINS = [
  'lines',
  'lines-borrowed',
  'records',
  'file-source',
  'selftest',
  'selftest-source',
  'csv',
  'json-lines',
] as const;
export type InteropPlugin = (typeof INTEROP_PLUGINS)[number];

/** The component's path. */
export function interopPlugin(name: InteropPlugin): string {
  return join(FOLDER, `${name}.wasm`);
}
