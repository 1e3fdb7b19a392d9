/** The permissions of a plugin as lines of text. */
import type { PluginPermissions } from '@chipmunk-host/manager';
import { oneLine } from '../terminal/terminal-text.js';

export function permissionLines({ paths, temporaryDirectory, environment, network }: PluginPermissions): string[] {
  return [
    paths.length === 0
      ? 'Files            none, unless its configuration names some (read only)'
      : `Files            ${paths.map(({ path, isGranted }) => `${oneLine(path)}${isGranted ? '' : ' (denied)'}`).join(', ')}, read only`,
    `Temporary folder ${temporaryDirectory.isAsked ? (temporaryDirectory.isGranted ? 'one of its own' : 'denied') : 'not used'}`,
    `Environment      ${environment.isAsked ? `used; ${environment.granted.join(', ') || 'empty, unless --env names variables'}` : 'not used'}`,
    `Network          ${network.isAsked ? 'used, and always refused' : 'not used'}`,
  ];
}
