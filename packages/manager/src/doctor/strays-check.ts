/** What lies among the plugins and is none. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describeKind, KIND_FOLDERS, type PluginId } from '../shared/plugin-id.js';
import type { DoctorFinding, PluginsState } from './doctor-check.js';

export async function strays({ directory: { path }, entries }: PluginsState): Promise<readonly DoctorFinding[]> {
  const known = new Set(entries.map(({ directory }) => directory));
  const findings: DoctorFinding[] = [];
  for (const [kind, folder] of Object.entries(KIND_FOLDERS)) {
    for (const name of await readdir(join(path, folder)).catch((): string[] => [])) {
      const directory = join(path, folder, name);
      if (known.has(directory) || name.startsWith('.')) continue;
      const isDirectory = await stat(directory).then(
        (status) => status.isDirectory(),
        () => false,
      );
      findings.push({
        severity: 'warning',
        subject: { kind: 'directory', path: directory },
        message: isDirectory
          ? `${directory} is no ${describeKind(kind as PluginId['kind'])} plugin: ${name}.wasm is missing in it.`
          : `${directory} is no directory, so it is no plugin.`,
        help: isDirectory ? `Name the binary ${name}.wasm, or remove the directory.` : 'Move it away.',
      });
    }
  }
  return findings;
}
