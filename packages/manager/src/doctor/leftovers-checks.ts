/** What processes that were ended left behind: unfinished changes, decisions that could not be read, temporary directories. */

import { join } from 'node:path';
import type { LeftoverDirectory } from '@chipmunk-host/hosts/internal';
import { isAccessible } from '../shared/path-access.js';
import { abandonedFolders } from '../store/staging.js';
import type { DirectoryState, DoctorCheck, DoctorFinding } from './doctor-check.js';

/** They were looked at when the manager was opened. */
export const temporaryDirectories: DoctorCheck<DirectoryState> = async ({ leftovers }) =>
  leftovers.map(temporaryFinding);

export async function leftovers({ layout }: DirectoryState): Promise<readonly DoctorFinding[]> {
  const help = 'It is cleaned up when the plugins are loaded. If it stays, remove it.';
  const folders = await abandonedFolders(layout).catch((): string[] => []);
  const findings = folders.map(
    (path): DoctorFinding => ({
      severity: 'warning',
      subject: { kind: 'leftover', path },
      message: `${path} was left behind by a process that was ended in the middle of a change.`,
      help,
    }),
  );
  const unreadable = join(layout.own, 'state.unreadable.json');
  if (await isAccessible(unreadable))
    findings.push({
      severity: 'warning',
      subject: { kind: 'leftover', path: unreadable },
      message: `${unreadable} holds decisions on plugins that could not be read.`,
      help: 'Look whether something in it is to be decided again, and remove it.',
    });
  return findings;
}

function temporaryFinding({ path, madeAt, outcome, reason }: LeftoverDirectory): DoctorFinding {
  const made = `a temporary directory of plugins, made on ${madeAt.toISOString()}`;
  const { message, help } = {
    removed: {
      message: `${path}, ${made}, was left behind by a process that was ended before it could remove it.`,
      help: 'It has been removed.',
    },
    failed: {
      message: `${path}, ${made}, was left behind by a process that was ended before it could remove it, and cannot be removed: ${reason}`,
      help: 'Remove it.',
    },
    foreign: {
      message: `${path}, ${made}, belongs to another container, or to a process from before this machine was last started.`,
      help: 'Remove it if no container uses it any more.',
    },
  }[outcome];
  return { severity: 'warning', subject: { kind: 'leftover', path }, message, help };
}
