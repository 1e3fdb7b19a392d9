/** The called side of control calls: answers them with Comlink, errors as data (see ControlReply). */
import type { MessagePort } from 'node:worker_threads';
import { expose } from 'comlink';
import { HostError, serializeError } from '../errors.js';
import { environmentFault } from '../system/environment-fault.js';
import { controlEndpoint } from './control-endpoint.js';
import type { ControlReply } from './messages.js';

// biome-ignore lint/suspicious/noExplicitAny: the arguments of any method, as TypeScript's own Parameters<> takes them
type Methods = Readonly<Record<string, (...args: any[]) => unknown>>;
type Answer = Promise<ControlReply<unknown>>;

/**
 * Answers control calls. `close` is answered last: it should make the calls that are under way settle, and its own answer waits for
 * theirs. Calls that come behind it are refused with `ERR_CLOSED`.
 * @returns resolves when all these answers were posted: the port can be closed. Never, when `close` throws
 */
export function serveControl(port: MessagePort, methods: Methods): Promise<void> {
  return new Promise((closed) => {
    const underWay = new Set<Answer>();
    let closing = false;
    const answer = async (name: string, args: readonly unknown[]): Answer => {
      try {
        if (closing && name !== 'close') throw new HostError('ERR_CLOSED', 'The instance is closed.');
        return { ok: true, value: await methods[name]?.(...args) };
      } catch (error) {
        return { ok: false, error: serializeError(environmentFault(error, 'The plugin cannot be run') ?? error) };
      }
    };
    const serve = async (name: string, args: readonly unknown[]): Answer => {
      const reply = answer(name, args);
      underWay.add(reply);
      try {
        return await reply;
      } finally {
        underWay.delete(reply);
      }
    };
    const close = async (...args: readonly unknown[]): Answer => {
      closing = true;
      const reply = await answer('close', args);
      await Promise.all(underWay);
      // Comlink posts the answers in this turn.
      if (reply.ok) setImmediate(closed);
      return reply;
    };
    const served = Object.keys(methods).map((name) => [name, (...args: unknown[]) => serve(name, args)]);
    expose({ ...Object.fromEntries(served), close }, controlEndpoint(port));
  });
}
