/** What sources over TCP are told. */
import { type OptionTable, option } from '@chipmunk-host/runtime/internal/options';
import { SOCKET_CLIENT, SOCKET_SERVER, type SocketClientOptions, type SocketServerOptions } from './socket-options.js';

/** A server to connect to, over TCP. */
export interface TcpOptions extends SocketClientOptions {
  /** Name or address of the server. */
  readonly host: string;
  readonly port: number;
  /** After how long without traffic the system asks whether the other side is still there, in milliseconds. Default 60,000; Infinity: never. */
  readonly keepAliveMs?: number | undefined;
}

/** A port on which clients are waited for, over TCP. */
export interface TcpListenOptions extends SocketServerOptions {
  /** Address to listen on. Default: all of this machine's. */
  readonly host?: string | undefined;
  /** 0: one that is free, which the first notice names. */
  readonly port: number;
  /** After how long without traffic the system asks whether a client is still there, in milliseconds. Default 60,000; Infinity: never. */
  readonly keepAliveMs?: number | undefined;
}

export const TCP: OptionTable<TcpOptions> = {
  host: option.required(option.name),
  port: option.required(option.whole(1, 65_535)),
  keepAliveMs: option.timeLimit,
  ...SOCKET_CLIENT,
};

export const TCP_LISTEN: OptionTable<TcpListenOptions> = {
  host: option.name,
  port: option.required(option.whole(0, 65_535)),
  keepAliveMs: option.timeLimit,
  ...SOCKET_SERVER,
};
