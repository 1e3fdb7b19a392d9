/** What sources over sockets in the file system are told. */
import { type OptionTable, option } from '@chipmunk-host/runtime/internal/options';
import { SOCKET_CLIENT, SOCKET_SERVER, type SocketClientOptions, type SocketServerOptions } from './socket-options.js';

/** A server to connect to, over a socket in the file system. */
export interface UnixOptions extends SocketClientOptions {
  readonly path: string;
}

/**
 * A socket in the file system on which clients are waited for. It is made there, and removed at the end. One that a program has left that is
 * gone is replaced; anything else at the path is left alone.
 */
export interface UnixListenOptions extends SocketServerOptions {
  readonly path: string;
}

export const UNIX: OptionTable<UnixOptions> = { path: option.required(option.path), ...SOCKET_CLIENT };

export const UNIX_LISTEN: OptionTable<UnixListenOptions> = { path: option.required(option.path), ...SOCKET_SERVER };
