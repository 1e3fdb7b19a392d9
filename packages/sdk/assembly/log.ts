/** Messages for the host's log. A message below the host's log level is not even encoded. */
import { allocateBlock, freeBlock } from './blocks';
import { encode } from './text';

/** From the gravest to the least. */
export const enum Level {
  Error,
  Warn,
  Info,
  Debug,
  Trace,
}

// @ts-ignore: decorator
@external("chipmunk:shared/logging@0.1.0", "log")
declare function hostLog(level: i32, text: usize, length: usize): void;

const SCRATCH_BYTES: usize = 1024;
const scratch = memory.data(1024);

/** Until `init` tells the host's level, the host decides what it drops. */
let threshold: i32 = Level.Trace;

export namespace log {
  /** Whether messages of this level reach the log: ask before building a costly one. */
  // @ts-ignore: decorator
  @inline
  export function enabled(level: Level): bool {
    return level <= threshold;
  }

  export function error(message: string): void {
    send(Level.Error, message);
  }

  export function warn(message: string): void {
    send(Level.Warn, message);
  }

  export function info(message: string): void {
    send(Level.Info, message);
  }

  export function debug(message: string): void {
    send(Level.Debug, message);
  }

  export function trace(message: string): void {
    send(Level.Trace, message);
  }
}

/** The host's log level, as `init` was told. */
export function setLogLevel(level: i32): void {
  threshold = level;
}

/** Sends what fits into a fixed buffer: for the moment when there is no memory left. */
export function sendWithoutMemory(level: Level, message: string): void {
  const most = <i32>(SCRATCH_BYTES / 3);
  const units = min(message.length, most);
  const length = String.UTF8.encodeUnsafe(
    changetype<usize>(message),
    units,
    scratch,
    false,
    String.UTF8.ErrorMode.REPLACE,
  );
  hostLog(level, scratch, length);
}

function send(level: Level, message: string): void {
  if (level > threshold) return;
  const most = <usize>message.length * 3;
  if (most <= SCRATCH_BYTES) {
    hostLog(level, scratch, encode(message, scratch));
    return;
  }
  // Not in the arena: a plugin may log any number of messages in one call.
  const buffer = allocateBlock(most);
  hostLog(level, buffer, encode(message, buffer));
  freeBlock(buffer);
}
