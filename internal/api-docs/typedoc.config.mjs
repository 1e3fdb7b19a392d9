// The API reference of the published packages, out of their built declarations. `npm run docs` writes it; as the type check of this package
// it fails where something public has no doc comment. TypeDoc knows TypeScript 6 and not yet 7, so this package has one of its own.

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publishedPackages } from '../../scripts/pack.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Path of the declarations to what one writes to import them: every entry point of JavaScript that is promised. */
const entries = new Map(
  publishedPackages().flatMap(({ folder, name, exports = {} }) =>
    Object.entries(exports)
      .filter(([path, target]) => !path.startsWith('./internal') && typeof target !== 'string')
      .map(([path, { types }]) => [join(folder, types), name + path.slice(1)]),
  ),
);

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  name: 'chipmunk-host',
  entryPoints: [...entries.keys()],
  tsconfig: 'tsconfig.json',
  out: join(root, 'dist', 'api'),
  readme: 'none',
  plugin: [named],
  // The same bytes for the same declarations.
  disableGit: true,
  disableSources: true,
  hideGenerator: true,
  // What classes have from Node.js.
  excludeExternals: true,
  excludePrivate: true,
  logLevel: 'Warn',
  validation: { notDocumented: true, notExported: false, invalidLink: true, invalidPath: true, rewrittenLink: true },
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
  packagesRequiringDocumentation: [...new Set(publishedPackages().map(({ name }) => name))],
  // Not each property: many have names that say all.
  requiredToBeDocumented: ['Enum', 'Variable', 'Function', 'Class', 'Interface', 'TypeAlias', 'Method', 'Accessor'],
};

/** Calls the modules what one writes to import them, instead of the paths of their files. */
function named(app) {
  // TypeDoc follows declarations to their sources.
  const names = new Map(
    [...entries].map(([path, name]) => [path.replace(/\bdist\b/, 'src').replace(/\.d\.ts$/, '.ts'), name]),
  );
  app.converter.on('resolveBegin', ({ project }) => {
    for (const module of project.children ?? [])
      module.name = names.get(project.getSymbolIdFromReflection(module)?.fileName) ?? module.name;
  });
}
