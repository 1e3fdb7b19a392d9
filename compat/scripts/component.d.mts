export type StringEncoding = 'utf8' | 'utf16' | 'compact-utf16';

export interface EmbedOptions {
  readonly kind: 'parser' | 'bytesource';
  readonly stringEncoding?: StringEncoding;
  /** Lines of the world: what it imports beside what plugins of its kind do. */
  readonly imports?: string;
  /** WIT packages that these lines name. */
  readonly packages?: string;
}

export function embed(binary: Uint8Array, options: EmbedOptions): Promise<Uint8Array>;
export function component(binary: Uint8Array, adapter?: Uint8Array): Promise<Uint8Array>;
