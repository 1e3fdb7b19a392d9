/** A plugin's error as records carry it. */

import type { RecordedError } from '@chipmunk-host/batch';
import { type PluginError, serializeError } from '@chipmunk-host/runtime/internal/worker';

/** A plugin chooses the names of its functions, and so how long a stack is. */
const MAX_STACK_LENGTH = 16_384;

export function recordedError(error: PluginError): RecordedError {
  const { name, message, code, plugin, phase, details, cause } = serializeError(error);
  return { name, message, code, plugin, phase, details, stack: cause?.stack?.slice(0, MAX_STACK_LENGTH) };
}
