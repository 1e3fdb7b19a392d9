/** Phrases about plugins that all commands share. */
import type { ConfigType, PluginEntry, PluginKind, PluginState, PluginVersion } from '@chipmunk-host/manager';
import { oneLine } from '../terminal/terminal-text.js';

export function kindWord(kind: PluginKind): string {
  return kind === 'parser' ? 'parser' : 'byte-source';
}

export function versionWord(version: PluginVersion | undefined): string {
  return version === undefined ? '' : `${version.major}.${version.minor}.${version.patch}`;
}

const STATES: Readonly<Record<PluginState, string>> = {
  valid: 'valid',
  invalid: 'invalid',
  disabled: 'disabled',
  'pin-mismatch': 'changed though pinned',
  unloaded: 'not loaded yet',
};

export function stateWord(state: PluginState): string {
  return STATES[state];
}

/** Such as "parser 'dlt' 1.2.0". */
export function pluginPhrase({ kind, name, info }: PluginEntry): string {
  const version = versionWord(info?.version);
  return `${kindWord(kind)} '${oneLine(name)}'${version === '' ? '' : ` ${version}`}`;
}

/** What an id takes. */
export function typeWord(type: ConfigType): string {
  switch (type.kind) {
    case 'boolean':
      return 'true or false';
    case 'integer':
      return 'whole number';
    case 'float':
      return 'number';
    case 'text':
      return 'text';
    case 'directories':
      return 'directories';
    case 'files':
      return type.extensions.length === 0 ? 'files' : `files (${type.extensions.map(oneLine).join(', ')})`;
    case 'dropdown':
      return `one of ${type.options.map(oneLine).join(', ')}`;
  }
}

/** A value as it is written behind `id=`; lists with a comma between their paths. */
export function valueWord(value: unknown): string {
  if (Array.isArray(value)) return value.map((path) => oneLine(String(path))).join(', ');
  return oneLine(String(value));
}
