/** Plugins that cannot be used, are not the pinned ones, or have something wrong with their metadata. */
import type { PluginEntry } from '../catalogue/plugin-entry.js';
import type { DoctorCheck, DoctorFinding, PluginsState } from './doctor-check.js';

export const plugins: DoctorCheck<PluginsState> = async ({ entries }) => entries.flatMap(pluginFindings);

/** What is said to each kind of fault where the error itself has no help. */
const HELP: Readonly<Record<string, string>> = {
  ERR_PLUGIN_INVALID: 'Install a plugin that was built for this host, or remove this one.',
  ERR_PLUGIN_TRAP: 'It fails before it can be used: tell its author, with the lines of its log.',
  ERR_PLUGIN_TIMEOUT:
    'Reload it when the machine is less busy, raise the time limit on loading, or disable it: it is tried again at each start.',
  ERR_PLUGIN_MEMORY: 'It wants more memory than plugins get: tell its author, or remove it.',
  ERR_PLUGIN_CONTRACT: 'It breaks the plugin interface: tell its author, or remove it.',
  ERR_PLUGIN_LOST: 'Reload it; its worker ended without saying why.',
  ERR_PLUGIN_CHANGED: 'Reload it when its file is complete.',
};

function pluginFindings(entry: PluginEntry): DoctorFinding[] {
  const { kind, name, state, error, warnings, pinned, hash } = entry;
  const subject = { kind: 'plugin', plugin: { kind, name } } as const;
  const findings = warnings.map(
    (message): DoctorFinding => ({
      severity: 'warning',
      subject,
      message,
      help: 'Correct the metadata; the plugin can be used as it is.',
    }),
  );
  if (error !== undefined)
    findings.push({
      severity: 'error',
      subject,
      message: error.message,
      help: error.help ?? HELP[error.code ?? ''] ?? 'Look into its log.',
    });
  if (state === 'pin-mismatch')
    findings.push({
      severity: 'error',
      subject,
      message: `It is pinned to ${pinned}, and its binary has the SHA-256 ${hash}.`,
      help: 'If you know where the change comes from, accept it; otherwise put the pinned binary back.',
    });
  return findings;
}
