/** What is wrong with a configuration: as data for those who draw it, as one error for those who stop at it. */
import { HostError } from '@chipmunk-host/runtime/internal/shared';

/** One thing that is wrong with a configuration. */
export interface ConfigFault {
  /** The id that the fault is at, as it was given; empty when the configuration as a whole is none. */
  readonly id: string;
  /** `unknown`: the plugin has no such id; `value`: the id is known, but does not take this value. */
  readonly problem: 'unknown' | 'value';
  /** What would have been right, to stand behind "expected". */
  readonly expected: string;
  /** The id, or the option, that was probably meant; undefined when nothing is near. */
  readonly suggestion: string | undefined;
  /** All of it in a sentence. */
  readonly message: string;
}

/** A configuration that does not fit the plugin's schemas, with all that is wrong with it. Its code is `ERR_CONFIG`. */
export class ConfigError extends HostError {
  readonly faults: readonly ConfigFault[];

  constructor(faults: readonly ConfigFault[]) {
    super('ERR_CONFIG', faults.map(({ message }) => message).join('\n'));
    this.faults = faults;
  }
}
