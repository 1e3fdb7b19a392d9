/**
 * Changes of installed plugins, as sequences of renames that a kill can cut off anywhere. All are made under the lock, in the
 * staging folder of the operation:
 *
 *   put     1. previous/…/<name>  -> staging/<mark>/older        when it is to be forgotten
 *           2. <kind>/<name>      -> previous/…/<name>, or staging/<mark>/old when it is not worth keeping
 *           3. staging/<mark>/new/<name> -> <kind>/<name>
 *   remove  1. <kind>/<name>      -> staging/<mark>/old
 *           2. previous/…/<name>  -> staging/<mark>/older
 *
 * What is to be done is noted in `intent.json` before the first step. `settleChange` brings a change that was cut off to one of
 * its two ends, and can be cut off itself: a put is undone unless its last step was done, which is when nothing is left in
 * `new`; a removal is finished when its first step was done. Then the staging folder can go. Each step is whole in itself
 * (folder-move.ts).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PluginKind } from '@chipmunk-host/hosts';
import { KIND_FOLDERS } from '../shared/plugin-id.js';
import { changing, replaceFile } from './durable-files.js';
import { finishMove, isThere, moveFolder } from './folder-move.js';
import { isEntryName } from './plugin-name.js';
import type { StagingFolder } from './staging.js';
import { isMissing } from './store-errors.js';
import type { StoreLayout } from './store-layout.js';

export interface PutChange {
  readonly action: 'put';
  readonly kind: PluginKind;
  readonly name: string;
  /** Whether there is one in its place. */
  readonly replaces: boolean;
  /** What becomes of the one in its place: kept for `rollback`, or dropped with the operation. */
  readonly keeps: boolean;
  /** Whether the version that is kept already is forgotten. Must be so when another one is to be kept. */
  readonly forgets: boolean;
}

export interface RemoveChange {
  readonly action: 'remove';
  readonly kind: PluginKind;
  readonly name: string;
}

export type PluginChange = PutChange | RemoveChange;

/** Where a new plugin waits in a staging folder. The folder is named like it. */
export function stagedPlugin(staging: string, name: string): string {
  return join(staging, 'new', name);
}

/**
 * Makes a change; the caller holds the lock.
 * @throws HostError `ERR_STORE_WRITE`; what was done is undone then, at the latest by the next `recover`
 */
export async function makeChange(layout: StoreLayout, folder: StagingFolder, change: PluginChange): Promise<void> {
  const { kind, name } = change;
  const staging = folder.path;
  const move = (from: string, to: string) => changing(to, () => moveFolder(staging, from, to));
  const installed = layout.plugin(kind, name);
  const previous = layout.previous(kind, name);
  await replaceFile(join(staging, INTENT), JSON.stringify({ format: FORMAT, ...change }), staging);
  try {
    if (change.action === 'remove') {
      await move(installed, join(staging, OLD));
      if (await isThere(previous)) await move(previous, join(staging, OLDER));
      return;
    }
    if (change.forgets && (await isThere(previous))) await move(previous, join(staging, OLDER));
    if (change.replaces) await move(installed, change.keeps ? previous : join(staging, OLD));
    await move(stagedPlugin(staging, name), installed);
  } catch (error) {
    await settleChange(layout, staging).catch(() => folder.giveUp());
    throw error;
  }
}

/** How a change that was cut off ended; undefined when none had begun. */
export interface SettledChange {
  readonly change: PluginChange;
  readonly end: 'undone' | 'finished';
}

/**
 * Brings a change that was cut off to an end; the caller holds the lock.
 * @throws the system's errors; it can be tried again then
 */
export async function settleChange(layout: StoreLayout, staging: string): Promise<SettledChange | undefined> {
  const change = await readIntent(staging);
  if (change === undefined) return undefined;
  await finishMove(staging);
  const { kind, name } = change;
  const installed = layout.plugin(kind, name);
  const previous = layout.previous(kind, name);
  const [old, older] = [join(staging, OLD), join(staging, OLDER)];
  if (change.action === 'remove') {
    if (!(await isThere(old))) return { change, end: 'undone' };
    if (await isThere(previous)) await moveFolder(staging, previous, older);
    return { change, end: 'finished' };
  }
  if (!(await isThere(stagedPlugin(staging, name)))) return { change, end: 'finished' };
  const source = change.keeps ? previous : old;
  if (change.replaces && !(await isThere(installed)) && (await isThere(source)))
    await moveFolder(staging, source, installed);
  if (change.forgets && (await isThere(older)) && !(await isThere(previous)))
    await moveFolder(staging, older, previous);
  return { change, end: 'undone' };
}

const INTENT = 'intent.json';
const OLD = 'old';
const OLDER = 'older';
/** Counts up when the meaning of an intent changes. */
const FORMAT = 1;

async function readIntent(staging: string): Promise<PluginChange | undefined> {
  let text: string;
  try {
    text = await readFile(join(staging, INTENT), 'utf8');
  } catch (error) {
    // Nothing was moved before the intent was there.
    if (isMissing(error)) return undefined;
    throw error;
  }
  const intent = JSON.parse(text) as PluginChange & { readonly format: number };
  const isKnown = intent.format === FORMAT && Object.hasOwn(KIND_FOLDERS, intent.kind) && isEntryName(intent.name);
  if (!isKnown) throw new Error(`${join(staging, INTENT)} is of another version, or damaged`);
  return intent;
}
