/**
 * Limits on what a plugin may claim of itself, as in Chipmunk. A plugin that claims more is not valid: its claims are kept,
 * shown, and made into forms.
 */
import { PluginInvalidError } from '@chipmunk-host/runtime';
import type { ConfigType } from '../../shared/config/config-schema.js';
import type { ByteSourceInfo, ParserInfo } from '../../shared/plugin-info.js';

const MAX_SCHEMAS = 100;
const MAX_COLUMNS = 100;
const MAX_ID_BYTES = 1024;
const MAX_TITLE_BYTES = 2048;
const MAX_DESCRIPTION_BYTES = 10_240;
/** All texts together, those included that Chipmunk does not limit, such as the options of a dropdown. */
const MAX_TEXT_BYTES = 4 * 1024 * 1024;

/** @throws PluginInvalidError naming the claim and its limit */
export function requireClaims(info: ByteSourceInfo | ParserInfo): void {
  const { configSchemas } = info;
  requireCount('configuration schemas', configSchemas.length, MAX_SCHEMAS);
  let bytes = 0;
  const take = (what: string, text: string, most: number) => {
    const length = Buffer.byteLength(text);
    bytes += length;
    if (length > most) refuse(`${what} has ${length} bytes`, most);
    if (bytes > MAX_TEXT_BYTES) refuse(`it has ${bytes} bytes of text or more`, MAX_TEXT_BYTES);
  };

  const ids = new Set<string>();
  for (const [index, { id, title, description, type }] of configSchemas.entries()) {
    const what = (part: string) => `the ${part} of configuration schema ${index + 1}`;
    take(what('id'), id, MAX_ID_BYTES);
    if (ids.has(id)) throw claimError(`two configuration schemas have the id '${id}'; ids must be unique`);
    ids.add(id);
    take(what('title'), title, MAX_TITLE_BYTES);
    take(what('description'), description ?? '', MAX_DESCRIPTION_BYTES);
    for (const text of textsOf(type)) take(what('default'), text, MAX_TEXT_BYTES);
  }

  const columns = ('renderOptions' in info ? info.renderOptions.columns?.columns : undefined) ?? [];
  requireCount('columns', columns.length, MAX_COLUMNS);
  for (const [index, { caption, description }] of columns.entries()) {
    take(`the caption of column ${index + 1}`, caption, MAX_TITLE_BYTES);
    take(`the description of column ${index + 1}`, description, MAX_DESCRIPTION_BYTES);
  }
}

function textsOf(type: ConfigType): readonly string[] {
  switch (type.kind) {
    case 'text':
      return [type.default];
    case 'files':
      return type.extensions;
    case 'dropdown':
      return [...type.options, type.default];
    default:
      return [];
  }
}

function requireCount(what: string, count: number, most: number): void {
  if (count > most) refuse(`it has ${count} ${what}`, most);
}

function refuse(claim: string, most: number): never {
  throw claimError(`${claim}; at most ${most} are allowed`);
}

function claimError(claim: string): PluginInvalidError {
  return new PluginInvalidError(`The plugin exceeds a limit: ${claim}.`, { phase: 'info' });
}
