/** What an application withholds from a plugin of what it would be granted. */
import { resolve, sep } from 'node:path';

/** Nothing of a denied path can be reached: what lies below it is denied, too, and so is what it lies in. */
export interface Denials {
  /** Files and directories that the configuration names, by their paths; true: all. Default: none. */
  readonly paths?: readonly string[] | true;
  /** The private temporary directory: the plugin is told that there is none. Default false. */
  readonly temporaryDirectory?: boolean;
  /** Environment variables, by their names; true: all. Default: none. */
  readonly environment?: readonly string[] | true;
}

export function isPathDenied(path: string, { paths = [] }: Denials): boolean {
  if (paths === true) return true;
  const wanted = resolve(path);
  return paths.some((denied) => isWithin(wanted, resolve(denied)) || isWithin(resolve(denied), wanted));
}

export function allowedEnvironment(
  environment: Readonly<Record<string, string>>,
  { environment: denied = [] }: Denials,
): Readonly<Record<string, string>> {
  if (denied === true) return {};
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !denied.includes(name)));
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep);
}
