/** Whether the user's decisions on plugins can be read. */
import type { DoctorCheck, PluginsState } from './doctor-check.js';

export const decisions: DoctorCheck<PluginsState> = async ({ stateWarnings, layout }) =>
  stateWarnings.map((message) => ({
    severity: 'error',
    subject: { kind: 'state', path: layout.state },
    message,
    help: 'Disable and pin plugins again: the file is then written anew, and the old one kept beside it.',
  }));
