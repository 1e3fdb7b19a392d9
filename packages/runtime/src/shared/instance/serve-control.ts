/** The called side of control calls: answers them with Comlink, errors as data (see ControlReply). */
import type { MessagePort } from 'node:worker_threads';
import { expose } from 'comlink';
import { serializeError } from '../errors.js';
import { environmentFault } from '../system/environment-fault.js';
import type { ControlReply } from './messages.js';

// biome-ignore lint/suspicious/noExplicitAny: the arguments of any method, as TypeScript's own Parameters<> takes them
type Methods = Readonly<Record<string, (...args: any[]) => unknown>>;

export function serveControl(port: MessagePort, methods: Methods): void {
  const served: Record<string, (...args: unknown[]) => Promise<ControlReply<unknown>>> = {};
  for (const [name, method] of Object.entries(methods)) {
    served[name] = async (...args) => {
      try {
        return { ok: true, value: await method(...args) };
      } catch (error) {
        return { ok: false, error: serializeError(environmentFault(error, 'The plugin cannot be run') ?? error) };
      }
    };
  }
  expose(served, port as never);
}
