/** The grants that an application withholds from a plugin. */
import { sep } from 'node:path';
import { absolutePath } from '@chipmunk-host/runtime/internal';

/** Nothing of a denied path can be reached: what lies below it is denied, too, and so is what it lies in. */
export interface Denials {
  /** Files and directories that the configuration names, by their paths; true: all. Default: none. */
  readonly paths?: readonly string[] | true | undefined;
  /** The private temporary directory: the plugin gets an error instead. Default false. */
  readonly temporaryDirectory?: boolean | undefined;
  /** Environment variables, by their names; true: all. Default: none. */
  readonly environment?: readonly string[] | true | undefined;
}

export function isPathDenied(path: string, { paths = [] }: Denials): boolean {
  if (paths === true) return true;
  // Most configurations deny none, and a relative path needs the working directory.
  if (paths.length === 0) return false;
  const wanted = absolutePath(path);
  return paths.map(absolutePath).some((denied) => isWithin(wanted, denied) || isWithin(denied, wanted));
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
