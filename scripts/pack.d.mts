export interface PublishedPackage {
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  /** A path of a file, or its declarations and itself. */
  readonly exports?: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly keywords?: readonly string[];
  readonly bin?: Readonly<Record<string, string>>;
}

/** The packages of this workspace that are not private, each behind those that it depends on. */
export function publishedPackages(): PublishedPackage[];

/**
 * Packs what is built. Archives that were in the directory are removed.
 *
 * @returns the paths of the archives, by name of the package, in the order of `publishedPackages`
 * @throws {Error} with what pnpm wrote when it cannot pack
 */
export function packAll(directory: string): Map<string, string>;
