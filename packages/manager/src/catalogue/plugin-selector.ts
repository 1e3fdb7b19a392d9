/** From what a caller calls a listed plugin to its entry. */
import type { PluginKind } from '@chipmunk-host/hosts';
import { HostError } from '@chipmunk-host/runtime';
import { absolutePath } from '@chipmunk-host/runtime/internal';
import { nearestName, option, requireOption } from '@chipmunk-host/runtime/internal/options';
import { describeKind, type PluginSelector } from '../shared/plugin-id.js';
import type { PluginEntry } from './plugin-entry.js';

/** An entry is a selector, too, so there may be more in it. */
const SELECTOR = option.required({
  expected: 'a name, a path or an object with name and kind',
  accepts: (value) => option.text.accepts(value) || option.text.accepts((value as { name?: unknown } | null)?.name),
});

/** @throws HostError `ERR_PLUGIN_NOT_FOUND` with the nearest name, `ERR_INVALID_OPTION` for what is no selector */
export function selectPlugin(selector: PluginSelector, entries: readonly PluginEntry[]): PluginEntry {
  requireOption(SELECTOR, selector, 'plugin');
  const { name, kind } = typeof selector === 'string' ? { name: selector, kind: undefined } : selector;
  const ofKind = entries.filter((entry) => kind === undefined || entry.kind === kind);
  const named = ofKind.filter((entry) => entry.name === name);
  const selected = named.find((entry) => entry.kind === 'parser') ?? named[0];
  if (selected !== undefined) return selected;
  // Only what is no name is taken for a path: a relative one needs the working directory.
  const path = typeof selector === 'string' ? absolutePath(selector) : undefined;
  const there = ofKind.find((entry) => entry.directory === path || entry.path === path);
  if (there !== undefined) return there;
  throw unknownPlugin(name, kind, ofKind);
}

function unknownPlugin(name: string, kind: PluginKind | undefined, entries: readonly PluginEntry[]): HostError {
  const what = kind === undefined ? 'plugin' : `${describeKind(kind)} plugin`;
  const known = entries.map((entry) => entry.name);
  const nearest = nearestName(name, known);
  const suggestion = nearest === undefined ? '' : ` Did you mean '${nearest}'?`;
  const list = known.length === 0 ? `No ${what} is listed.` : `Known are: ${known.join(', ')}.`;
  return new HostError('ERR_PLUGIN_NOT_FOUND', `There is no ${what} '${name}'.${suggestion} ${list}`, {
    help: 'Use a name from the list, or the directory of a plugin in it.',
  });
}
