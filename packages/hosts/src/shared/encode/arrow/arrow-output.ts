import { HostError } from '@chipmunk-host/runtime/internal/shared';
import { ARROW_FORMATS, type ArrowFormat } from './arrow-plan.js';
import { ArrowSink } from './arrow-sink.js';

/** What sessions write to: embedders see the output alone. */
const sinks = new WeakMap<ArrowOutput, ArrowSink>();

/**
 * One Arrow stream or file of several sessions, one behind the other, which all have the same columns:
 *
 * ```js
 * const output = new ArrowOutput('arrow');
 * for (const session of sessions)
 *   for await (const element of session.encoded('arrow', { output })) if (element.type === 'encoded') write(element.bytes);
 * write(output.end());
 * ```
 */
export class ArrowOutput {
  /** What all sessions have to ask for. */
  readonly format: ArrowFormat;

  /** @throws HostError `ERR_INVALID_OPTION` */
  constructor(format: ArrowFormat) {
    if (!ARROW_FORMATS.includes(format))
      throw new HostError(
        'ERR_INVALID_OPTION',
        `The option format is ${format}; expected ${ARROW_FORMATS.join(' or ')}.`,
      );
    this.format = format;
    sinks.set(this, new ArrowSink(format));
  }

  /**
   * What the output ends with, to be written behind all else. Where no batch was written, the schema is in it, too; it is empty when no session
   * was written. Nothing can be written behind it; calling it again returns the same.
   */
  end(): Uint8Array {
    return sinkOf(this).end();
  }
}

/** @throws HostError `ERR_INVALID_OPTION` */
export function sinkOf(output: ArrowOutput): ArrowSink {
  const sink = sinks.get(output);
  if (sink !== undefined) return sink;
  throw new HostError('ERR_INVALID_OPTION', 'The option output is another object; expected an ArrowOutput.');
}

/** What Arrow is written to: `output`, or one of its own. Undefined for other formats. @throws HostError `ERR_INVALID_OPTION` */
export function arrowOutput({ format, output }: ArrowOptions): ArrowOutput | undefined {
  if (format === 'arrow' || format === 'arrow-file') return output ?? new ArrowOutput(format);
  if (output === undefined) return undefined;
  throw new HostError('ERR_INVALID_OPTION', `The option output is given; expected nothing with the format ${format}.`);
}

interface ArrowOptions {
  readonly format: string;
  readonly output?: ArrowOutput | undefined;
}
