/**
 * What a manager tells of its own accord. Each event goes to its listeners and to the diagnostics channel
 * `chipmunk-host.manager.<event>`, where the message has the `manager`, too.
 */
import { channel } from 'node:diagnostics_channel';
import type { SessionMetrics, SessionSummary } from '@chipmunk-host/hosts';
import { callListener } from '@chipmunk-host/runtime/internal';
import { option, requireOption } from '@chipmunk-host/runtime/internal/options';
import type { PluginId } from '../shared/plugin-id.js';
import type { RunLogLine } from '../shared/run-log.js';
import type { PluginEntry } from './plugin-entry.js';

/** A session, told by a number of its own in this manager. */
export interface SessionEvent {
  readonly session: number;
  /** The plugins in it that the manager lists: the parser, and a byte-source. Those given by path or as bytes are not among them. */
  readonly plugins: readonly PluginId[];
}

/** The events of a manager, and what their listeners get. */
export interface PluginsManagerEvents {
  /** A plugin is there that was not. */
  readonly added: { readonly plugin: PluginEntry };
  /** A plugin is gone; `plugin` is what it was last. */
  readonly removed: { readonly plugin: PluginEntry };
  /** Something about a plugin is not as it was, its statistics aside. */
  readonly changed: { readonly plugin: PluginEntry; readonly before: PluginEntry };
  /** A plugin was found to be unusable. Comes after `added` or `changed`. */
  readonly invalid: { readonly plugin: PluginEntry };
  /** A binary was looked into, or its result was taken from the cache. */
  readonly loaded: { readonly plugin: PluginId; readonly fromCache: boolean; readonly durationMs: number };
  /** A line was added to a plugin's run data. */
  readonly log: { readonly plugin: PluginId; readonly line: RunLogLine };
  readonly 'session-started': SessionEvent;
  readonly 'session-ended': SessionEvent & { readonly summary: SessionSummary; readonly metrics: SessionMetrics };
  /** A fault that stops nothing, with the text that `onWarning` gets. */
  readonly warning: { readonly message: string };
}

/** Name of an event of a manager. */
export type PluginsManagerEvent = keyof PluginsManagerEvents;
/** A listener of one event of a manager. */
export type PluginsManagerListener<Name extends PluginsManagerEvent> = (event: PluginsManagerEvents[Name]) => void;

const NAMES = Object.keys({
  added: true,
  removed: true,
  changed: true,
  invalid: true,
  loaded: true,
  log: true,
  'session-started': true,
  'session-ended': true,
  warning: true,
} satisfies Record<PluginsManagerEvent, true>);

const CHANNEL_PREFIX = 'chipmunk-host.manager.';

export class ManagerEvents {
  readonly #manager: object;
  readonly #listeners = new Map<PluginsManagerEvent, Set<{ readonly listener: (event: never) => void }>>();

  /** @param manager what messages of the diagnostics channels name */
  constructor(manager: object) {
    this.#manager = manager;
  }

  /** @returns a function that takes the listener off again @throws HostError `ERR_INVALID_OPTION` */
  on<Name extends PluginsManagerEvent>(name: Name, listener: PluginsManagerListener<Name>): () => void {
    requireOption(option.required(option.oneOf(NAMES)), name, 'event');
    requireOption(option.required(option.callback), listener, 'listener');
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners);
    // In an object of its own, so that one listener can be put on twice and taken off once.
    const entry = { listener };
    listeners.add(entry);
    return () => void listeners.delete(entry);
  }

  /** A listener that throws does not keep the others from being told; what it throws is a warning of the process, once. */
  emit<Name extends PluginsManagerEvent>(name: Name, event: PluginsManagerEvents[Name]): void {
    const diagnostics = channel(CHANNEL_PREFIX + name);
    if (diagnostics.hasSubscribers) diagnostics.publish({ manager: this.#manager, ...event });
    for (const { listener } of [...(this.#listeners.get(name) ?? [])])
      callListener(`A listener of '${name}'`, listener as PluginsManagerListener<Name>, event);
  }
}
