/** Name and version of the transpiler, as the build notes them beside it. */

export const TOOLCHAIN = new URL('../../transpiler/toolchain.json', import.meta.url);

/** @param source the content of that file */
export function formatToolchain(source: string): string {
  const { name, version } = JSON.parse(source) as { name: string; version: string };
  return `${name}@${version}`;
}
