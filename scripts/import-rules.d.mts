export const MOST_LINES: number;

export interface Fault {
  /** From the workspace's root, with slashes. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** Goes on behind the path: what is wrong, and what to do. */
  readonly message: string;
  /** By which `withoutKnown` knows it; undefined: it must be fixed. */
  readonly key?: string | undefined;
}

export interface PackageRules {
  /** From the top to the bottom; see scripts/room-order.mjs. */
  readonly rows: readonly (readonly string[])[];
  readonly apart?: readonly string[];
  readonly portable?: boolean | readonly string[];
  /** Folders that threads of plugins load, and packages of which they import types alone, or parts by their own paths. */
  readonly light?: { readonly rooms: readonly string[]; readonly packages: readonly string[] };
}

/** What counts of a package.json. */
export interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly exports?: Readonly<Record<string, unknown>>;
}

export interface Workspace {
  /** Texts by path: `packages/NAME/src/….ts`. */
  readonly files: ReadonlyMap<string, string>;
  /** By folder: `packages/NAME`. Packages of other folders are those whose exports count. */
  readonly manifests: ReadonlyMap<string, Manifest>;
  /** By name of a folder in `packages`. */
  readonly rooms: Readonly<Record<string, PackageRules>>;
}

/** In the order of paths and lines. */
export function importFaults(workspace: Workspace): Fault[];

/** Files of more than `MOST_LINES` lines. */
export function lengthFaults(files: ReadonlyMap<string, string>): Fault[];

/**
 * Leaves out the faults that are known.
 *
 * @param listedIn the file that lists them: it has a fault for each that is not there
 */
export function withoutKnown(faults: readonly Fault[], known: ReadonlySet<string>, listedIn: string): Fault[];
