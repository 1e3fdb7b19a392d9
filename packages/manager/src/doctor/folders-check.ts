/** The folders of the plugins directory: whether they are there, can be read and written, and by whom. */

import { constants } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PluginsDirectory } from '../catalogue/plugins-directory.js';
import { isAccessible } from '../shared/path-access.js';
import { KIND_FOLDERS } from '../shared/plugin-id.js';
import type { DoctorCheck, DoctorFinding, PluginsState } from './doctor-check.js';

export const folders: DoctorCheck<PluginsState> = ({ directory }) => folderFindings(directory);

async function folderFindings(directory: PluginsDirectory): Promise<readonly DoctorFinding[]> {
  const { path, ownFolder } = directory;
  // The first change makes it.
  if (!(await directory.isThere())) return [];
  const findings: DoctorFinding[] = [];
  for (const folder of [path, ...Object.values(KIND_FOLDERS).map((name) => join(path, name)), ownFolder]) {
    const subject = { kind: 'directory', path: folder } as const;
    const status = await stat(folder).catch((error: NodeJS.ErrnoException) => error);
    if (status instanceof Error) {
      if (folder === ownFolder && status.code === 'ENOENT') continue;
      findings.push({
        severity: 'error',
        subject,
        message: status.message,
        help: 'Create it, or give this user the right to it.',
      });
      continue;
    }
    if (!status.isDirectory()) {
      findings.push({
        severity: 'error',
        subject,
        message: `${folder} is not a directory.`,
        help: 'Move it away: the folder is made anew when it is needed.',
      });
      continue;
    }
    if (!(await isAccessible(folder, constants.R_OK | constants.X_OK)))
      findings.push({
        severity: 'error',
        subject,
        message: `${folder} cannot be read.`,
        help: 'Give this user the right to read it.',
      });
    else if (!(await isAccessible(folder, constants.W_OK)))
      findings.push({
        severity: 'warning',
        subject,
        message: `${folder} cannot be written to: plugins cannot be changed, and nothing is remembered of them.`,
        help: 'Give this user the right to write to it, if that is wanted.',
      });
    if (process.getuid !== undefined && (status.mode & 0o022) !== 0)
      findings.push({
        severity: 'warning',
        subject,
        message: `Others may write to ${folder}, and so exchange plugins.`,
        help: `Take that right away: chmod go-w '${folder}'.`,
      });
  }
  return findings;
}
