/** Options of the SDK's `buildPlugin`, without those that write files. An entry imports nothing but the SDK. */
export interface KeptPluginOptions {
  readonly kind: 'parser' | 'bytesource';
  readonly name: string;
  readonly entry?: string;
  readonly source?: string;
  readonly names?: boolean;
  readonly debug?: boolean;
}

/** Builds a plugin, unless it was built before from the same source with the same SDK. Returns the component. */
export function keptPlugin(options: KeptPluginOptions): Promise<Uint8Array>;
