/** What a plugin's binary says of itself, and where else it is known from: the cache, and the manager's snapshots. */
import type { ByteSourceInfo, ParserInfo, PluginKind } from '@chipmunk-host/hosts';

/** What a plugin says of itself: its version and its configuration, and a parser how its items are shown. */
export type PluginInfo =
  | ({ readonly kind: 'parser' } & ParserInfo)
  | ({ readonly kind: 'bytesource' } & ByteSourceInfo);

/** All that loading a plugin found out. */
export interface ExaminedPlugin {
  /** SHA-256 of the binary, in hexadecimal. */
  readonly hash: string;
  readonly kind: PluginKind;
  /** Version of Chipmunk's plugin interface that it was made for, such as `0.1.0`. */
  readonly apiVersion: string;
  /** Interfaces that it imports, as `package:name/interface@version`. */
  readonly imports: readonly string[];
  /** Whether it exports the interface by which a parser gives the times of its items. */
  readonly givesTimes: boolean;
  readonly info: PluginInfo;
}
