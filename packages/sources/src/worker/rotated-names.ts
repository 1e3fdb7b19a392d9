/** Which files of a directory are those that a log was rotated to, and in which order. */
import { lstatSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { type FileIdentity, isSameFile } from './followed-file.js';

/** A file that has, or had, the content of the log. */
export interface LogFile extends FileIdentity {
  readonly name: string;
  readonly path: string;
  readonly size: number;
  readonly mtimeNs: bigint;
  readonly birthtimeNs: bigint;
}

/** Behind the whole name: `log.1`, `log-20261128`, `log.2026-11-28_10`, `log.old`. */
const SUFFIX = /^(?:[._-]?\d[\d._\-T:Z]*|[._\-~](?:old|bak|prev|previous|last|save|~)?)$/i;
/** Between the name and its extension: `app.1.log`, `app-2026-11-28.log`. */
const MIDDLE = /^[._-]?\d[\d._\-T:Z]*$/;
const NUMBER = /^[._-]?\d{1,5}$/;

/** The rotated files of the log `path`, and the one that is there now, the oldest first. */
export function logFiles(path: string): readonly LogFile[] {
  const directory = dirname(path);
  const base = basename(path);
  const files = namesIn(directory)
    .filter((name) => name === base || rotatedPart(name, base) !== undefined)
    .map((name) => fileOf(directory, name, name === base))
    .filter((file) => file !== undefined);
  // The log may be a symbolic link to one of the others.
  const log = files.find(({ name }) => name === base);
  const distinct = files.filter((file) => file === log || log === undefined || !isSameFile(file, log));
  return inOrder(distinct, base);
}

/** What rotation has put into the name of the log; undefined when it is no rotated file of it, or a compressed one. */
export function rotatedPart(name: string, base: string): string | undefined {
  if (name.startsWith(base)) {
    const suffix = name.slice(base.length);
    return SUFFIX.test(suffix) ? suffix : undefined;
  }
  const extension = extname(base);
  const stem = base.slice(0, base.length - extension.length);
  if (extension === '' || !name.startsWith(stem) || !name.endsWith(extension)) return undefined;
  const middle = name.slice(stem.length, name.length - extension.length);
  return MIDDLE.test(middle) ? middle : undefined;
}

/**
 * Rotated files with small numbers: the larger one is older, unless most were written to in the other order, as when a program counts up. With
 * dates or counters of one form: the smaller one is older. Else that which was written to last is younger, though a program may have gone on to
 * write to an older one for a while.
 */
function inOrder(files: readonly LogFile[], base: string): readonly LogFile[] {
  const current = files.filter(({ name }) => name === base);
  const rotated = files.filter(({ name }) => name !== base);
  const parts = new Map(rotated.map((file) => [file, rotatedPart(file.name, base) ?? '']));
  const part = (file: LogFile) => parts.get(file) ?? '';
  const forms = new Set([...parts.values()].map((text) => text.replace(/\d+/g, '0')));
  const isCounted = [...parts.values()].every((text) => NUMBER.test(text));
  if (forms.size > 1) return [...rotated.sort(byTime), ...current];
  rotated.sort((a, b) => byNumbers(part(a), part(b)));
  if (isCounted && !isWrittenInOrder(rotated)) rotated.reverse();
  return [...rotated, ...current];
}

/** Whether each file was written to behind the one before it, of most that stand beside each other. */
function isWrittenInOrder(files: readonly LogFile[]): boolean {
  const orders = files.slice(1).map((file, at) => compare(file.mtimeNs, files[at]?.mtimeNs ?? 0n));
  return orders.reduce<number>((sum, order) => sum + order, 0) > 0;
}

function byTime(a: LogFile, b: LogFile): number {
  return compare(a.mtimeNs, b.mtimeNs) || compare(a.birthtimeNs, b.birthtimeNs) || compare(a.name, b.name);
}

/** Of two texts that differ in their numbers alone. */
function byNumbers(a: string, b: string): number {
  const numbers = (text: string) => text.match(/\d+/g) ?? [];
  const others = numbers(b);
  for (const [at, number] of numbers(a).entries()) {
    const order = compare(BigInt(number), BigInt(others[at] ?? 0));
    if (order !== 0) return order;
  }
  return 0;
}

function compare<T extends bigint | string>(a: T, b: T): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** Undefined when it is gone, or no file. Only the log itself may be a symbolic link. */
function fileOf(directory: string, name: string, isLog: boolean): LogFile | undefined {
  const path = join(directory, name);
  try {
    const status = (isLog ? statSync : lstatSync)(path, { bigint: true });
    if (!status.isFile()) return undefined;
    const { dev, ino, size, mtimeNs, birthtimeNs } = status;
    return { name, path, dev, ino, size: Number(size), mtimeNs, birthtimeNs };
  } catch {
    return undefined;
  }
}
