/** The interfaces of WASI 0.2 that this host has, and how components name them. */
import * as cli from './cli/cli.js';
import * as clocks from './clocks/clocks.js';
import * as http from './denied/http.js';
import * as sockets from './denied/sockets.js';
import { filesystemTypes, preopens } from './filesystem/filesystem.js';
import { poll } from './io/poll.js';
import { ioError, streams } from './io/stream-functions.js';
import * as random from './random/random.js';
import type { InterfaceFunctions } from './wasi-context.js';

const INTERFACES: ReadonlyMap<string, InterfaceFunctions> = new Map([
  ['cli/environment', cli.environment],
  ['cli/exit', cli.exit],
  ['cli/stdin', cli.stdin],
  ['cli/stdout', cli.stdout],
  ['cli/stderr', cli.stderr],
  ['cli/terminal-input', cli.terminalInput],
  ['cli/terminal-output', cli.terminalOutput],
  ['cli/terminal-stdin', cli.terminalStdin],
  ['cli/terminal-stdout', cli.terminalStdout],
  ['cli/terminal-stderr', cli.terminalStderr],
  ['clocks/monotonic-clock', clocks.monotonicClock],
  ['clocks/wall-clock', clocks.wallClock],
  ['clocks/timezone', clocks.timezone],
  ['filesystem/preopens', preopens],
  ['filesystem/types', filesystemTypes],
  ['http/outgoing-handler', http.outgoingHandler],
  ['http/types', http.httpTypes],
  ['io/error', ioError],
  ['io/poll', poll],
  ['io/streams', streams],
  ['random/insecure', random.insecure],
  ['random/insecure-seed', random.insecureSeed],
  ['random/random', random.random],
  ['sockets/instance-network', sockets.instanceNetwork],
  ['sockets/ip-name-lookup', sockets.ipNameLookup],
  ['sockets/network', sockets.network],
  ['sockets/tcp', sockets.tcp],
  ['sockets/tcp-create-socket', sockets.tcpCreateSocket],
  ['sockets/udp', sockets.udp],
  ['sockets/udp-create-socket', sockets.udpCreateSocket],
]);

/**
 * Any 0.2.x: they are compatible, and one binary mixes several of them, since its adapter and its libraries were built against
 * different ones. Not the drafts before 0.2.0 (`0.2.0-rc-…`), which differ.
 */
const WASI_NAME = /^wasi:([a-z-]+\/[a-z-]+)@0\.2(?:\.\d+)?$/;

/** `package/interface` of a name such as `wasi:io/streams@0.2.6`; undefined when it is no interface of WASI 0.2. */
export function wasiInterface(importName: string): string | undefined {
  return WASI_NAME.exec(importName)?.[1];
}

export function interfaceFunctions(name: string): InterfaceFunctions | undefined {
  return INTERFACES.get(name);
}
