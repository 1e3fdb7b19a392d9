/**
 * A port of Node's as Comlink takes it, with its messages received by `on`. Comlink itself would receive them by `addEventListener`:
 * Node 22 and later then make an event of each, and load all of their HTTP client for its class, which takes 2.5 to 4 MB a thread.
 */
import type { MessagePort } from 'node:worker_threads';
import type { Endpoint } from 'comlink';

type Listener = Parameters<Endpoint['addEventListener']>[1];

export function controlEndpoint(port: MessagePort): Endpoint {
  const received = new WeakMap<Listener, (data: unknown) => void>();
  return {
    postMessage: (message, transfer = []) => port.postMessage(message, transfer as never),
    addEventListener(_type, listener) {
      const receive = (data: unknown) => {
        const event = { data } as MessageEvent;
        if ('handleEvent' in listener) listener.handleEvent(event);
        else listener(event);
      };
      received.set(listener, receive);
      port.on('message', receive);
    },
    removeEventListener(_type, listener) {
      const receive = received.get(listener);
      if (receive !== undefined) port.off('message', receive);
    },
    start: () => port.start(),
  };
}
