/** The order of files by their names: of all files as people count, of a rotated log from its oldest file on. */

const collator = new Intl.Collator('en', { numeric: true });

/** `log.9` before `log.10`. */
export function inNaturalOrder(paths: readonly string[]): readonly string[] {
  return [...paths].sort(compareNames);
}

function compareNames(a: string, b: string): number {
  return collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);
}

/** How a compressed file is called, behind the name that it had. */
const COMPRESSED = /\.(?:gz|z|zst|zstd|bz2|xz)$/i;
/** What a rotation adds: behind the name (`log.1`, `log-20261128`), or before its extension (`app.1.log`). */
const ROTATED = /^(.+?)[._-](\d[\d._\-T:]*?)(\.[a-z]\w*)?$/i;
/** A number of a rotation; more digits are a date. */
const MOST_NUMBER_DIGITS = 5;

interface RotatedName {
  readonly log: string;
  /** The larger, the older; undefined of a date and of the log itself. */
  readonly number: number | undefined;
  readonly date: string | undefined;
}

/**
 * The files of each log stand where its first one stood: those with dates by their dates, those with numbers from the largest to the smallest,
 * the log itself last.
 */
export function oldestFirst(paths: readonly string[]): readonly string[] {
  const logs = new Map<string, { readonly path: string; readonly name: RotatedName }[]>();
  for (const path of paths) {
    const name = rotatedName(path);
    const files = logs.get(name.log);
    if (files === undefined) logs.set(name.log, [{ path, name }]);
    else files.push({ path, name });
  }
  return [...logs.values()].flatMap((files) =>
    files.sort((a, b) => compareAges(a.name, b.name) || compareNames(a.path, b.path)).map(({ path }) => path),
  );
}

function rotatedName(path: string): RotatedName {
  const plain = path.replace(COMPRESSED, '');
  const [, stem, digits, extension = ''] = ROTATED.exec(plain) ?? [];
  if (stem === undefined || digits === undefined || /[/\\]/.test(digits))
    return { log: plain, number: undefined, date: undefined };
  const log = stem + extension;
  const isNumber = /^\d+$/.test(digits) && digits.length <= MOST_NUMBER_DIGITS;
  return isNumber ? { log, number: Number(digits), date: undefined } : { log, number: undefined, date: digits };
}

function compareAges(a: RotatedName, b: RotatedName): number {
  return rank(a) - rank(b) || compareNames(a.date ?? '', b.date ?? '') || (b.number ?? 0) - (a.number ?? 0);
}

function rank({ number, date }: RotatedName): number {
  return date !== undefined ? 0 : number !== undefined ? 1 : 2;
}
