/** The command `chipmunk-plugin`. Exit codes: 0 built, 1 the plugin does not build, 2 wrong usage. */
import { readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { Command, CommanderError } from 'commander';
import { BuildError } from '../build-error.js';
import { isPluginKind, PLUGIN_KINDS } from '../plugin-kind.js';
import { readPluginPackage } from '../plugin-package.js';

interface BuildFlags {
  readonly kind?: string;
  readonly entry?: string;
  readonly name?: string;
  readonly outDir?: string;
  readonly names?: true;
  readonly debug?: true;
}

const program = new Command('chipmunk-plugin')
  .description('Builds Chipmunk plugins written in AssemblyScript')
  .version(ownVersion())
  .exitOverride();

program
  .command('build')
  .description('Build the plugin of a package: its package.json names it in "chipmunkPlugin"')
  .argument('[directory]', 'the package', '.')
  .option('--kind <kind>', `${PLUGIN_KINDS.join(' or ')}; overrides package.json, as do the next two`)
  .option('--entry <file>', 'the AssemblyScript file that exports create, relative to the package')
  .option('--name <name>', "the plugin's name, and that of the component file")
  .option('--out-dir <directory>', 'where to write, relative to the package (default: dist)')
  .option('--names', 'keep the names of functions for the stacks of traps')
  .option('--debug', 'compile without optimisation, with names')
  .action(build);

process.exitCode = await run(process.argv);

async function run(argv: readonly string[]): Promise<number> {
  try {
    await program.parseAsync([...argv]);
    return 0;
  } catch (error) {
    // Commander has printed its own errors, and help is not one.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (!(error instanceof BuildError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error.code === 'usage' ? 2 : 1;
  }
}

function ownVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}

async function build(directory: string, flags: BuildFlags): Promise<void> {
  const packageDir = resolve(directory);
  const { kind, entry, name } = { ...(await readPluginPackage(packageDir)), ...flags };
  const missing = Object.entries({ kind, entry, name }).filter(([, value]) => value === undefined);
  if (kind === undefined || entry === undefined || name === undefined) {
    const keys = missing.map(([key]) => key).join(', ');
    throw new BuildError(
      'build',
      `nothing to build: ${keys} missing. Add to ${join(packageDir, 'package.json')}, or give flags:\n` +
        '  "chipmunkPlugin": { "kind": "parser", "entry": "assembly/index.ts", "name": "my-parser" }',
    );
  }
  if (!isPluginKind(kind)) {
    const code = flags.kind === undefined ? 'build' : 'usage';
    throw new BuildError(code, `unknown kind of plugin '${kind}'; expected ${PLUGIN_KINDS.join(' or ')}`);
  }
  // The compiler takes a second to load: only when there is something to compile.
  const { buildPlugin } = await import('../build-plugin.js');
  const { path, component, warnings } = await buildPlugin({
    kind,
    entry: resolve(packageDir, entry),
    name,
    packageDir,
    outDir: resolve(packageDir, flags.outDir ?? 'dist'),
    names: flags.names ?? false,
    debug: flags.debug ?? false,
  });
  if (warnings !== '') process.stderr.write(`${warnings}\n`);
  process.stdout.write(`${relative(process.cwd(), path ?? '')} (${component.length} bytes)\n`);
}
