/**
 * Names of plugins, which become names of folders and files on whatever system a plugins directory is used: what one of them
 * cannot hold, or takes for something else, is refused on all.
 */
import { quote, UNPRINTABLE } from '../shared/quote.js';
import { sourceError } from './store-errors.js';

/** File systems allow 255 bytes for a name; this leaves room for extensions. */
const MAX_NAME_BYTES = 200;
/** Separators, and what Windows refuses in names. */
const FORBIDDEN = /[\\/<>:"|?*]/;
/** Devices on Windows, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])(?:\.|$)/i;

/** @throws HostError `ERR_STORE_SOURCE` when a new plugin cannot have this name. */
export function requireNewName(name: string): void {
  const fault = nameFault(name);
  if (fault === undefined) return;
  throw sourceError(
    `${quote(name)} is not a valid plugin name: ${fault}.`,
    'Rename the folder and its .wasm file, for example to my-parser.',
  );
}

/** @returns what is wrong with a name for a new plugin, or undefined */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name === '.' || name === '..') return 'it stands for another folder';
  if (UNPRINTABLE.test(name)) return 'it contains invisible characters';
  const [forbidden] = FORBIDDEN.exec(name) ?? [];
  if (forbidden !== undefined) return `it contains '${forbidden}'`;
  if (name.startsWith('.')) return 'it begins with a dot, like hidden folders';
  if (name.endsWith('.')) return 'it ends in a dot';
  if (name.trim() !== name) return 'it begins or ends with a space';
  if (DEVICE.test(name)) return 'it is reserved for a device on some systems';
  if (Buffer.byteLength(name) > MAX_NAME_BYTES) return `it is longer than ${MAX_NAME_BYTES} bytes`;
  return undefined;
}

/**
 * Whether a name is that of something directly within a folder. Plugins that were put there by other means may have names that
 * would be refused for new ones, and can be removed.
 */
export function isEntryName(name: string): boolean {
  return (
    name !== '' && name !== '.' && name !== '..' && !name.includes('/') && !name.includes('\0') && !isWindowsPath(name)
  );
}

function isWindowsPath(name: string): boolean {
  return process.platform === 'win32' && FORBIDDEN.test(name);
}
