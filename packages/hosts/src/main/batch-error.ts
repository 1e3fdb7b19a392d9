/** What is said of bytes that are not a batch. */
import { HostError } from '@chipmunk-host/runtime/shared';

export function formatError(what: string): HostError {
  return new HostError('ERR_BATCH_FORMAT', `This is not a batch, or it was damaged: ${what}.`);
}
