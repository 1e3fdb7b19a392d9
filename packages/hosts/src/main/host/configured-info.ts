/** What a parser says of itself once it is configured: its columns may follow from that. */
import type { ParserInfo, RenderOptions } from '../../shared/plugin-info.js';

/** What it said before, whatever the configuration is. */
const own = new WeakMap<ParserInfo, ParserInfo>();

export function configuredInfo(info: ParserInfo, renderOptions: RenderOptions): ParserInfo {
  const configured = { ...info, renderOptions };
  own.set(configured, info);
  return configured;
}

/** What a parser says of itself before it is configured, from the `info` of a session. */
export function ownInfo(info: ParserInfo): ParserInfo {
  return own.get(info) ?? info;
}
