/**
 * Marks: names of files and folders that say which process made them, so that what a killed process left behind can be told
 * from what is in use. A mark is unique, and marks of one machine sort by age:
 *
 *   <time, ms>-<process id>-<start of the process>-<machine>-<random>
 *
 * All but the process id in base 36 or 16. The start tells a process from a later one with the same id (Linux; 0 elsewhere).
 * The machine is a hash of what process ids are valid in: on Linux this boot and this PID namespace, so that two containers
 * with one volume do not take each other's processes for dead.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

export interface ProcessMark {
  readonly madeAt: Date;
  readonly pid: number;
  readonly start: string;
  readonly machine: string;
}

/** `unknown`: made on another machine or in another container, where this process cannot look. */
export type MarkOwner = 'alive' | 'dead' | 'unknown';

const PATTERN = /^([0-9a-z]{9})-([1-9][0-9]{0,9})-([0-9]{1,20})-([0-9a-f]{8})-[0-9a-f]{8}$/;

export function newMark(): string {
  const time = Date.now().toString(36).padStart(9, '0');
  own ??= { start: processStart(process.pid) ?? '0', machine: machineHash() };
  return `${time}-${process.pid}-${own.start}-${own.machine}-${randomBytes(4).toString('hex')}`;
}

/** @returns undefined for a name that is no mark */
export function parseMark(name: string): ProcessMark | undefined {
  const [, time, pid, start, machine] = PATTERN.exec(name) ?? [];
  if (time === undefined || pid === undefined || start === undefined || machine === undefined) return undefined;
  return { madeAt: new Date(Number.parseInt(time, 36)), pid: Number(pid), start, machine };
}

export function markOwner({ pid, start, machine }: ProcessMark): MarkOwner {
  own ??= { start: processStart(process.pid) ?? '0', machine: machineHash() };
  if (machine !== own.machine) return 'unknown';
  if (!exists(pid)) return 'dead';
  const startNow = processStart(pid);
  return startNow === undefined || startNow === start ? 'alive' : 'dead';
}

let own: { readonly start: string; readonly machine: string } | undefined;

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process cannot be signalled, and is there.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Clock ticks from the boot to the start of a process; `zombie` for one that has ended and was not waited for, which does
 * nothing any more; undefined where it cannot be known.
 */
function processStart(pid: number): string | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the program's name in brackets, and may hold anything.
    const fields = status.slice(status.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? 'zombie' : fields[19];
  } catch {
    return undefined;
  }
}

function machineHash(): string {
  return createHash('sha256').update(machineName()).digest('hex').slice(0, 8);
}

function machineName(): string {
  try {
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1')} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}
