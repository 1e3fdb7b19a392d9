/** What a session can be told of selecting, and the checks of it. */
import { type CompiledComponent, HostError } from '@chipmunk-host/runtime';
import { type OptionTable, type OptionType, option } from '@chipmunk-host/runtime/internal/options';
import { givesTimes } from '../../api/versions.js';
import { captionsOf } from '../../shared/encode/encoding-plan.js';
import type { ParserInfo } from '../../shared/plugin-info.js';
import type { SelectOptions } from '../../shared/select/select-options.js';
import { type SelectionPlan, selectionPlan, selects } from '../../shared/select/selection-plan.js';
import { parseTime, TIME_FORMS, timeRange } from '../../shared/select/time-range.js';
import { InputFile } from '../input/input-file.js';
import type { FoundSource } from '../input/session-input.js';

const texts = (what: string) => option.either(option.text, option.listOf(option.text, `a list of ${what}`));

const time: OptionType = {
  expected: TIME_FORMS,
  accepts: (value) => typeof value === 'bigint' || (typeof value === 'string' && parseTime(value) !== undefined),
};

export const SELECT: OptionTable<SelectOptions> = {
  match: texts('regular expressions'),
  where: texts('conditions'),
  invert: option.flag,
  since: time,
  until: time,
  skip: option.whole(0, Number.MAX_SAFE_INTEGER),
  limit: option.limit(0, Number.MAX_SAFE_INTEGER),
  fromOffset: option.whole(0, Number.MAX_SAFE_INTEGER),
};

/**
 * What can be said before a worker is started.
 * @throws HostError `ERR_INVALID_OPTION`
 */
export function requireSelectable(
  select: SelectOptions | undefined,
  component: CompiledComponent,
  source: FoundSource,
  instances: number,
): void {
  requireTimes(select, component);
  const { skip = 0, limit = Number.POSITIVE_INFINITY, fromOffset = 0 } = select ?? {};
  if (instances > 1) {
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

function requireTimes({ since, until }: SelectOptions = {}, component: CompiledComponent): void {
  timeRange(since, until);
  const option = since !== undefined ? 'since' : until !== undefined ? 'until' : undefined;
  if (option === undefined || givesTimes(component)) return;
  throw new HostError(
    'ERR_INVALID_OPTION',
    `The option select.${option} is for parsers that give the times of their items; this one does not.`,
    {
      help: 'Leave since and until out, or use a parser whose items have times: docs/plugin-contract.md, Times of items.',
    },
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
  if (!selects(select)) return undefined;
  return selectionPlan(select, captionsOf(renderOptions));
}
