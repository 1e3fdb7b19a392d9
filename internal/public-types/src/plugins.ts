/** What the author of a plugin writes in a build and in tests. */
import { BuildError, type BuiltPlugin, buildPlugin, type PluginKind } from '@chipmunk-host/sdk';
import { loadByteSource, loadParser } from '@chipmunk-host/sdk/testing';
import { expectTrue, type Same } from './expect.js';

export async function build(kind: PluginKind): Promise<BuiltPlugin> {
  try {
    return await buildPlugin({ kind, name: 'mine', entry: 'assembly/index.ts', outDir: 'dist' });
  } catch (error) {
    if (error instanceof BuildError) expectTrue<Same<typeof error.message, string>>();
    throw error;
  }
}

export async function mistakes(): Promise<void> {
  // @ts-expect-error: there is no such kind of plugin.
  await buildPlugin({ kind: 'byte-source', name: 'mine', source: '' });
  // @ts-expect-error: a plugin has a name.
  await buildPlugin({ kind: 'parser', source: '' });
}

export async function tests(component: Uint8Array): Promise<void> {
  const parser = await loadParser(component, { tempDirectory: () => '/tmp' });
  const [item] = parser.exports.parse(new Uint8Array(1));
  expectTrue<Same<NonNullable<typeof item>['consumed'], bigint>>();
  const source = await loadByteSource(component, { directories: { '/': '.' } });
  expectTrue<Same<ReturnType<typeof source.exports.read>, Uint8Array>>();
  // @ts-expect-error: a byte-source does not parse.
  source.exports.parse(new Uint8Array(1));
}
