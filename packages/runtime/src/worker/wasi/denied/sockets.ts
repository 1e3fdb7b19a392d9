/**
 * wasi:sockets: there, and refusing. The network can be named, but sockets and look-ups cannot be made; their functions exist only to be imported.
 */

import type { GuestMemory } from '../guest-memory.js';
import { dropFunctions, type Resource } from '../handle-table.js';
import type { CoreFunctions, InterfaceFunctions } from '../wasi-context.js';

/** Case of `error-code` of wasi:sockets/network. */
const ACCESS_DENIED = 1;

class Network implements Resource {
  dispose(): void {}
}

/** Never made. Any handle that is used as one is not. */
abstract class Socket implements Resource {
  abstract dispose(): void;
}

export const instanceNetwork: InterfaceFunctions = ({ handles }) => ({
  'instance-network': () => handles.add(new Network()),
});

export const network: InterfaceFunctions = ({ handles }, memory) => ({
  // None: no error of this host is one of the network's.
  'network-error-code': (_error: number, result: number) => memory.setU8(memory.range(result, 2, 1), 0),
  ...dropFunctions(handles, { network: Network }),
});

export const ipNameLookup: InterfaceFunctions = (context, memory) => ({
  'resolve-addresses': (self: number, _pointer: number, _byteLength: number, result: number) => {
    context.handles.get(self, Network);
    deny(memory, result);
  },
  ...unreachable(context, 'resolve-address-stream', ['resolve-next-address', 'subscribe']),
});

export const tcpCreateSocket: InterfaceFunctions = (_, memory) => ({
  'create-tcp-socket': (_family: number, result: number) => deny(memory, result),
});

export const udpCreateSocket: InterfaceFunctions = (_, memory) => ({
  'create-udp-socket': (_family: number, result: number) => deny(memory, result),
});

const SOCKET_OPTIONS = ['receive-buffer-size', 'send-buffer-size'];
const TCP_OPTIONS = [
  ...SOCKET_OPTIONS,
  'keep-alive-enabled',
  'keep-alive-idle-time',
  'keep-alive-interval',
  'keep-alive-count',
  'hop-limit',
];
const UDP_OPTIONS = [...SOCKET_OPTIONS, 'unicast-hop-limit'];
const ADDRESSES = ['start-bind', 'finish-bind', 'local-address', 'remote-address', 'address-family', 'subscribe'];

export const tcp: InterfaceFunctions = (context) =>
  unreachable(context, 'tcp-socket', [
    ...ADDRESSES,
    'start-connect',
    'finish-connect',
    'start-listen',
    'finish-listen',
    'accept',
    'is-listening',
    'set-listen-backlog-size',
    'shutdown',
    ...TCP_OPTIONS.flatMap((option) => [option, `set-${option}`]),
  ]);

export const udp: InterfaceFunctions = (context) => ({
  ...unreachable(context, 'udp-socket', [
    ...ADDRESSES,
    'stream',
    ...UDP_OPTIONS.flatMap((option) => [option, `set-${option}`]),
  ]),
  ...unreachable(context, 'incoming-datagram-stream', ['receive', 'subscribe']),
  ...unreachable(context, 'outgoing-datagram-stream', ['check-send', 'send', 'subscribe']),
});

/** `result<own<…>, error-code>` with the error. */
function deny(memory: GuestMemory, result: number): void {
  const area = memory.range(result, 8, 4);
  memory.setU8(area, 1);
  memory.setU8(area + 4, ACCESS_DENIED);
}

/** Methods of a resource that no plugin holds: calling one means inventing a handle. */
function unreachable(
  { handles }: Parameters<InterfaceFunctions>[0],
  resource: string,
  methods: string[],
): CoreFunctions {
  const refuse = (self: number) => handles.get(self, Socket);
  return {
    ...Object.fromEntries(methods.map((method) => [`[method]${resource}.${method}`, refuse])),
    ...dropFunctions(handles, { [resource]: Socket }),
  };
}
