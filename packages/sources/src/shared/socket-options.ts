/** What clients and servers of sockets are told, over TCP or in the file system. */
import { type OptionTable, option } from '@chipmunk-host/runtime/internal/options';

/** How a client connects again. Attempts that fail follow each other after longer and longer waits, of which a random half is left out. */
export interface ReconnectOptions {
  /** So many attempts in a row that fail, or deliver nothing, end the session with `ERR_SOURCE_READ`. Default Infinity: it is tried for ever. */
  readonly maxAttempts?: number | undefined;
  /** The wait before the first attempt, in milliseconds: each one behind it is twice as long. Default 200; 0: none waits. */
  readonly minDelayMs?: number | undefined;
  /** The longest wait, in milliseconds. Default 10,000. */
  readonly maxDelayMs?: number | undefined;
}

/** What all clients can be told. */
export interface SocketClientOptions {
  /** How long a connection may take to come about, in milliseconds. Default 10,000; Infinity: as long as the system lets it. */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * Whether it connects again when the connection is lost, also when the other side closes it: true for the defaults. The parser then meets the
   * end of its input, and a fresh one begins. Default false: the session ends with the connection.
   */
  readonly reconnect?: boolean | ReconnectOptions | undefined;
  /** When nothing has come for so long, in milliseconds, the connection counts as lost. Default Infinity: never. */
  readonly idleTimeoutMs?: number | undefined;
}

/** What all servers can be told. */
export interface SocketServerOptions {
  /**
   * How many clients are read at once, each with a worker and a parser of its own; the session takes all of these workers when it begins.
   * Others are accepted and wait until one leaves. Default 1.
   */
  readonly clients?: number | undefined;
  /** The input ends when so many clients have come and gone. Default Infinity: never. */
  readonly connections?: number | undefined;
  /** A client from which nothing has come for so long, in milliseconds, is left. Default Infinity: never. */
  readonly idleTimeoutMs?: number | undefined;
}

export const RECONNECT: OptionTable<ReconnectOptions> = {
  maxAttempts: option.limit(1),
  minDelayMs: option.delay,
  maxDelayMs: option.delay,
};

export const SOCKET_CLIENT: OptionTable<SocketClientOptions> = {
  connectTimeoutMs: option.timeLimit,
  reconnect: option.either(option.flag, option.options(RECONNECT)),
  idleTimeoutMs: option.timeLimit,
};

export const SOCKET_SERVER: OptionTable<SocketServerOptions> = {
  clients: option.whole(1, 1000),
  connections: option.limit(1),
  idleTimeoutMs: option.timeLimit,
};
