// The names that a package exports, as its declarations list them: what a change of them is, a review sees.
import { readFileSync } from 'node:fs';

/** @see the types in public-names.d.mts */
export function publicNames(declarations) {
  const text = readFileSync(declarations, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
  const all = /^export \*(?! as )/m.exec(text);
  if (all !== null) throw new Error(`${declarations} exports all of a file: list the names.`);
  const names = [];
  for (const [, kind, list] of text.matchAll(/^export (type )?\{([^}]*)\}/gm))
    for (const entry of list.split(',').map((one) => one.trim()))
      if (entry !== '') names.push(nameOf(entry, kind !== undefined));
  for (const [, kind, name] of text.matchAll(/^export (?:declare )?(const|class|function|interface|type|enum) (\w+)/gm))
    names.push(nameOf(name, kind === 'interface' || kind === 'type'));
  if (names.length === 0) throw new Error(`${declarations} exports nothing.`);
  return `${names.sort((a, b) => (a < b ? -1 : 1)).join('\n')}\n`;
}

function nameOf(entry, allAreTypes) {
  const name = entry.replace(/^type /, '').replace(/^.* as /, '');
  return allAreTypes || entry.startsWith('type ') ? `${name} (type)` : name;
}
