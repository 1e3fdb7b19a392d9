/** What a session can be told of encoding, and the checks of it. */
import { type CompiledComponent, HostError } from '@chipmunk-host/runtime';
import { type OptionTable, option, requireOption, requireOptions } from '@chipmunk-host/runtime/internal/options';
import { givesTimes } from '../../api/versions.js';
import { arrowOutput, sinkOf } from '../../shared/encode/arrow/arrow-output.js';
import type { ArrowSink } from '../../shared/encode/arrow/arrow-sink.js';
import {
  ENCODED_FORMATS,
  type EncodedFormat,
  type EncodingOptions,
  ITEM_FIELDS,
} from '../../shared/encode/encoding-options.js';
import { captionsOf, type EncodingPlan, encodingPlan } from '../../shared/encode/encoding-plan.js';
import type { ParserInfo } from '../../shared/plugin-info.js';
import { PROGRAM_BYTES } from '../../shared/protocol/slot-space.js';

const ENCODING: OptionTable<Omit<EncodingOptions, 'format'>> = {
  separator: option.text,
  delimiter: option.text,
  guardFormulas: option.flag,
  header: option.flag,
  columns: option.listOf(option.text, 'a list of captions or numbers of columns'),
  fields: option.listOf(option.oneOf(ITEM_FIELDS), `a list of ${ITEM_FIELDS.join(', ')}`),
  source: option.text,
  dictionaries: option.flag,
  batchRows: option.limit(1),
  output: option.instance('an ArrowOutput', 'end'),
};

/** What workers need to know, and what frames what they make of it. */
export interface SessionEncoding {
  readonly plan: EncodingPlan;
  /** Of Arrow. */
  readonly sink: ArrowSink | undefined;
  /** Whether the session ends the output. */
  readonly endsOutput: boolean;
}

/** @throws HostError `ERR_INVALID_OPTION`; `ERR_CLOSED` for an output that has ended */
export function sessionEncoding(
  format: EncodedFormat,
  options: Omit<EncodingOptions, 'format'>,
  { renderOptions }: ParserInfo,
  component: CompiledComponent,
): SessionEncoding {
  requireOption(option.oneOf(ENCODED_FORMATS), format, 'format');
  requireOptions('The options of the encoding', options, ENCODING);
  const output = arrowOutput({ ...options, format });
  const sink = output && sinkOf(output);
  const frame = sink && { sink, givesTimes: givesTimes(component) };
  const plan = encodingPlan({ ...options, format }, captionsOf(renderOptions), frame);
  requireFitting(plan);
  return { plan, sink, endsOutput: options.output === undefined };
}

function requireFitting({ program }: EncodingPlan): void {
  if (program.length <= PROGRAM_BYTES) return;
  const message = `The options columns, fields and source need ${program.length} bytes; expected up to ${PROGRAM_BYTES}.`;
  throw new HostError('ERR_INVALID_OPTION', message, { help: 'Name fewer columns, or a shorter source.' });
}

export function rawTooLate(): HostError {
  return new HostError(
    'ERR_INVALID_OPTION',
    'The option format is raw, and the workers make batches already, which do not have the input.',
    {
      help: "Call session.encoded('raw') as soon as the session is open, before anything else is awaited.",
    },
  );
}
