/** What a session can be told of selecting, and the checks of it. */
import { HostError } from '@chipmunk-host/runtime';
import { type OptionTable, option } from '@chipmunk-host/runtime/internal/options';
import { captionsOf } from '../../shared/encode/encoding-plan.js';
import type { ParserInfo } from '../../shared/plugin-info.js';
import type { SelectOptions } from '../../shared/select/select-options.js';
import { type SelectionPlan, selectionPlan, selects } from '../../shared/select/selection-plan.js';
import type { Split } from '../input/file-split.js';
import { InputFile } from '../input/input-file.js';
import type { FoundSource } from '../input/session-input.js';

const texts = (what: string) => option.either(option.text, option.listOf(option.text, `a list of ${what}`));

export const SELECT: OptionTable<SelectOptions> = {
  match: texts('regular expressions'),
  where: texts('conditions'),
  invert: option.flag,
  skip: option.whole(0),
  limit: option.limit(0, Number.MAX_SAFE_INTEGER),
  fromOffset: option.whole(0),
};

/**
 * What can be said before a worker is started.
 * @throws HostError `ERR_INVALID_OPTION`
 */
export function requireSelectable(
  select: SelectOptions | undefined,
  source: FoundSource,
  split: Split | undefined,
): void {
  const { skip = 0, limit = Number.POSITIVE_INFINITY, fromOffset = 0 } = select ?? {};
  if (split !== undefined) {
    const counted = skip > 0 ? 'skip' : limit < Number.POSITIVE_INFINITY ? 'limit' : undefined;
    if (counted !== undefined) throw refusedTogether(counted, 'since each of them would count its own items');
    if (fromOffset > 0) throw refusedTogether('fromOffset', 'which share the whole file');
  }
  if (fromOffset === 0) return;
  if (!(source instanceof InputFile))
    throw new HostError(
      'ERR_INVALID_OPTION',
      'The option select.fromOffset is for files, which can be read at any place.',
      {
        help: 'Leave it out for streams and byte-source plugins.',
      },
    );
  const { size, path } = source.request;
  if (fromOffset > size)
    throw new HostError(
      'ERR_INVALID_OPTION',
      `The option select.fromOffset is ${fromOffset}; '${path}' has ${size} bytes.`,
    );
}

function refusedTogether(name: string, why: string): HostError {
  const message = `The option select.${name} cannot be used with several instances of the parser, ${why}.`;
  return new HostError('ERR_INVALID_OPTION', message, { help: 'Leave `parallel` out.' });
}

/** @throws HostError `ERR_INVALID_OPTION` */
export async function sessionSelection(
  select: SelectOptions | undefined,
  { renderOptions }: ParserInfo,
): Promise<SelectionPlan | undefined> {
  if (select === undefined || !selects(select)) return undefined;
  return selectionPlan(select, captionsOf(renderOptions));
}
