/** What a TCP client is told. */
import { type OptionTable, option } from '@chipmunk-host/runtime/internal/options';

/** A server to connect to, over TCP. */
export interface TcpOptions {
  /** Name or address of the server. */
  readonly host: string;
  readonly port: number;
  /** How long a connection may take to come about, in milliseconds. Default 10,000; Infinity: as long as the system lets it. */
  readonly connectTimeoutMs?: number | undefined;
}

export const TCP: OptionTable<TcpOptions> = {
  host: option.required(option.name),
  port: option.required(option.whole(1, 65_535)),
  connectTimeoutMs: option.timeLimit,
};

/** How an address is written in a URL. */
export function hostInUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
