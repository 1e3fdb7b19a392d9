/** What crosses between the main thread and a thread that decompresses for it. */
import type { SerializedError } from '@chipmunk-host/runtime/internal/shared';
import type { Compression } from './compression.js';

export interface DecompressingPayload {
  readonly compression: Compression;
  /** What messages call the input. */
  readonly name: string;
}

/** `piece`: what was asked for with `read`, undefined at the end of the input. `more`: the chunk before was taken. */
export type ToThread = { readonly type: 'piece'; readonly bytes: Uint8Array | undefined } | { readonly type: 'more' };

export type FromThread =
  | { readonly type: 'read' }
  | { readonly type: 'chunk'; readonly bytes: Uint8Array }
  | { readonly type: 'garbage'; readonly position: number; readonly bytes: number }
  | { readonly type: 'end' }
  | { readonly type: 'error'; readonly error: SerializedError };
