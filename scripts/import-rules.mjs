// The rules about imports and lengths, over texts of files: it reads no disk, so that tests can give it any files.
import { posix } from 'node:path';
import { codeOf, importsOf } from './imports.mjs';

export const MOST_LINES = 400;

/** What only Node has, as a name of its own and not of a property. */
const OF_NODE = /(?<![.\w$])(?:Buffer|process|require|global|__dirname|__filename)(?![\w$]|\s*:)/g;
/** Threads and processes are started with a URL of their file, which is no import: they run apart. */
const ENTRY = /\.(?:worker|runner)\.ts$|\/child\.ts$/;

/** @see the types in import-rules.d.mts */
export function importFaults({ files, manifests, rooms }) {
  const faults = [];
  /** For each file the files that it imports, each with the line. */
  const graph = new Map();
  for (const [path, text] of files) {
    const [home, folder] = /^packages\/([^/]+)\/src\//.exec(path);
    const file = { path, home, folder, text, rules: rooms[folder], manifest: manifests.get(`packages/${folder}`) };
    const report = (line, fault) => faults.push({ path, line, ...fault });
    file.isPortable = isPortable(path, file);
    if (file.rules === undefined) report(1, { message: `packages/${folder} is not in ROOMS; add its rooms.` });
    else inspect(file, { files, manifests, rooms, graph, report });
  }
  return [...faults, ...circles(graph)].sort((a, b) => compare(a.path, b.path) || a.line - b.line);
}

/** @see the types in import-rules.d.mts */
export function lengthFaults(files) {
  return [...files].flatMap(([path, text]) => {
    const lines = text.split('\n').length - 1;
    const message = `has ${lines} lines; a file has at most ${MOST_LINES}. Split it where two subjects meet.`;
    return lines > MOST_LINES ? [{ path, line: MOST_LINES + 1, message, key: path }] : [];
  });
}

/** @see the types in import-rules.d.mts */
export function withoutKnown(faults, known, listedIn) {
  const stale = [...known].filter((key) => !faults.some((fault) => fault.key === key));
  return [
    ...faults.filter(({ key }) => !known.has(key)),
    ...stale.map((key) => ({
      path: listedIn,
      line: 1,
      message: `names '${key}', which nothing needs. Remove the line.`,
    })),
  ];
}

function inspect(file, { files, manifests, rooms, graph, report }) {
  const edges = new Map();
  graph.set(file.path, edges);
  if (roomOf(file.path, file) === undefined)
    report(1, { message: `is in no room: name its folder under '${file.folder}' in ROOMS.` });
  for (const { kind, isType, specifier, line } of importsOf(file.text)) {
    let fault;
    if (specifier.startsWith('node:')) fault = file.isPortable ? portabilityFault(file, specifier) : undefined;
    else if (!/^[.#]/.test(specifier))
      fault =
        packageFault(file, specifier, manifests) ??
        loadFault(file, specifier, isType) ??
        (file.isPortable && !isType ? sisterFault(file, specifier, manifests, rooms) : undefined);
    else {
      const to = resolved(file, specifier);
      fault = kind === 'url' ? urlFault(file, specifier, to, files) : orderFault(file, specifier, to);
      if (kind === 'import' && files.has(to)) edges.set(to, line);
    }
    if (fault !== undefined) report(line, fault);
  }
  if (!file.isPortable) return;
  const { code } = codeOf(file.text);
  for (const { index, 0: name } of code.matchAll(OF_NODE))
    report(code.slice(0, index).split('\n').length, portabilityFault(file, name));
}

function portabilityFault({ folder, rules }, name) {
  const where = rules.portable === true ? '' : ` (${rules.portable.join(', ')})`;
  const message = `uses '${name}', which is Node's, but packages/${folder}${where} runs in any JavaScript runtime.`;
  return { message, key: `${folder}: ${name}` };
}

/** Whether a file runs in any JavaScript runtime. */
function isPortable(path, { home, rules }) {
  const portable = rules?.portable ?? false;
  if (typeof portable === 'boolean') return portable;
  const inside = path.slice(home.length);
  return portable.some((room) => inside === room || inside.startsWith(`${room}/`));
}

/** What is portable imports of other packages of this workspace only those that are. */
function sisterFault(file, specifier, manifests, rooms) {
  const [name] = /^(?:@[^/]+\/)?[^/]+/.exec(specifier);
  const [folder] = [...manifests].find(([, manifest]) => manifest.name === name) ?? [];
  if (folder === undefined || rooms[folder.replace('packages/', '')]?.portable === true) return undefined;
  return portabilityFault(file, specifier);
}

/** `#` is `src` for files in `src`, as it is `dist` once they are built. */
function resolved({ path, home }, specifier) {
  const target = specifier.startsWith('#') ? home + specifier.slice(1) : posix.join(posix.dirname(path), specifier);
  return target.replace(/\.js$/, '.ts');
}

function urlFault({ folder }, specifier, to, files) {
  if (!`${to}/`.startsWith(`packages/${folder}/`))
    return { message: `names '${specifier}', which is outside of its package.` };
  if (!files.has(to) || ENTRY.test(to)) return undefined;
  return { message: `names '${specifier}' by a URL, as only entries of threads are: import it.` };
}

function orderFault(file, specifier, to) {
  const { folder, home, path, rules } = file;
  if (!to.startsWith(home))
    return {
      message: `imports '${specifier}', outside of packages/${folder}/src. Import another package by its name.`,
    };
  const [from, into] = [roomOf(path, file), roomOf(to, file)];
  // A file without a room has a fault of its own.
  if (from === undefined || into === undefined || from === into) return undefined;
  const key = `${folder}: ${from} -> ${into}`;
  const threads = (rules.apart ?? []).filter((side) => [path, to].some((each) => each.startsWith(`${home}${side}/`)));
  if (threads.length > 1) {
    const sides = threads.join(' and ');
    return {
      message: `imports '${specifier}', but ${sides} run in different threads. Put what both need into shared.`,
      key,
    };
  }
  const [above, below] = [from, into].map((room) => rules.rows.findIndex((row) => row.includes(room)));
  if (above < below) return undefined;
  const place = above === below ? 'beside' : 'above';
  const message = `is in the room '${from}' and imports '${specifier}' of the room '${into}', which is ${place} it.`;
  return { message: `${message} Move what both need to a lower room, or hand it in.`, key };
}

/** The longest name of a room that the path begins with. */
function roomOf(path, { home, rules }) {
  const inside = path.slice(home.length);
  const names = rules.rows.flat().filter((room) => inside === room || inside.startsWith(`${room}/`));
  const longest = names.sort((a, b) => b.length - a.length).at(0);
  return longest ?? rules.rows.flat().find((room) => room === '.');
}

function packageFault({ folder, manifest }, specifier, manifests) {
  const [name] = /^(?:@[^/]+\/)?[^/]+/.exec(specifier);
  if (name === manifest.name) return { message: 'imports its own package by name; name the file instead.' };
  const declared = { ...manifest.dependencies, ...manifest.peerDependencies, ...manifest.optionalDependencies };
  if (!Object.hasOwn(declared, name))
    return { message: `imports '${name}', which packages/${folder}/package.json does not name under dependencies.` };
  const sister = [...manifests.values()].find((each) => each.name === name);
  const paths = Object.keys(sister?.exports ?? {});
  if (sister === undefined || paths.includes(`.${specifier.slice(name.length)}`)) return undefined;
  return { message: `imports '${specifier}', which ${name} does not export; it exports ${paths.join(', ')}.` };
}

/** Threads of plugins are many, and each loads what its modules import. */
function loadFault(file, specifier, isType) {
  const { rooms, packages } = file.rules.light ?? { rooms: [], packages: [] };
  const [room] = file.path.slice(file.home.length).split('/');
  if (isType || !rooms.includes(room) || !packages.includes(specifier)) return undefined;
  const message = `loads all of ${specifier} into every thread of a plugin; import its types only, or '${specifier}/internal'.`;
  return { message, key: `${file.folder}: ${room} -> ${specifier}` };
}

/** Tarjan's strongly connected components; of each that is a circle, a shortest one through its first file. */
function circles(graph) {
  const [order, low, open, faults] = [new Map(), new Map(), [], []];
  const visit = (path) => {
    order.set(path, order.size);
    low.set(path, order.get(path));
    open.push(path);
    for (const to of graph.get(path)?.keys() ?? []) {
      if (!order.has(to)) visit(to);
      if (open.includes(to)) low.set(path, Math.min(low.get(path), low.get(to)));
    }
    if (low.get(path) !== order.get(path)) return;
    const members = open.splice(open.indexOf(path)).sort(compare);
    if (members.length > 1) faults.push(circleFault(graph, members));
  };
  for (const path of graph.keys()) if (!order.has(path)) visit(path);
  return faults;
}

function circleFault(graph, members) {
  const [start] = members;
  const ways = [[start]];
  for (const way of ways) {
    for (const [to] of graph.get(way.at(-1))) {
      if (to === start) {
        const circle = [...way, start].join(' -> ');
        const message = `is in a circle of imports: ${circle}. Move what they share to a file of its own.`;
        return { path: start, line: graph.get(start).get(way[1]), message };
      }
      if (members.includes(to) && !ways.some((other) => other.at(-1) === to)) ways.push([...way, to]);
    }
  }
  throw new Error(`no circle through ${start}`);
}

function compare(a, b) {
  return a < b ? -1 : Number(a > b);
}
