/** What a place in a file may be, as options are checked. Apart from it, since threads of sources load no tables. */
import { type OptionTable, option } from '@chipmunk-host/runtime/internal/options';
import type { FilePosition } from './file-position.js';
import type { Fingerprint } from './fingerprint.js';

const count = option.whole(0, Number.MAX_SAFE_INTEGER);
const PRINT: OptionTable<Fingerprint> = { bytes: option.required(count), sha256: option.required(option.sha256) };

/** What a place may be. */
export const FILE_POSITION: OptionTable<FilePosition> = {
  path: option.required(option.path),
  device: option.required(option.name),
  inode: option.required(option.name),
  offset: option.required(count),
  head: option.required(option.options(PRINT)),
  tail: option.required(option.options(PRINT)),
};
