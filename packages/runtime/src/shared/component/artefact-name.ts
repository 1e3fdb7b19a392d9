/** How the folders are called in which transpiled components are kept, so that their owner can tell which are of use. */
import { createHash } from 'node:crypto';

/** Counts up when the layout of a folder changes. */
export const ARTEFACT_FORMAT = 1;

const FOLDER = /^([0-9a-f]{64})-([0-9a-f]{8})$/;

/** @param hash SHA-256 of the component's binary, in hexadecimal */
export function artefactFolder(hash: string, toolchain: string): string {
  return `${hash}-${keyOf(toolchain)}`;
}

/** @returns the hash of the component; undefined when the folder belongs to none */
export function parseArtefactFolder(
  name: string,
  toolchain: string,
): { readonly hash: string; readonly isOfToolchain: boolean } | undefined {
  const [, hash, key] = FOLDER.exec(name) ?? [];
  return hash === undefined ? undefined : { hash, isOfToolchain: key === keyOf(toolchain) };
}

function keyOf(toolchain: string): string {
  return createHash('sha256').update(`${ARTEFACT_FORMAT} ${toolchain}`).digest('hex').slice(0, 8);
}
