/** Looks for what is wrong with a plugins directory, and says what to do about it: one check after the other. */
import { cacheDamage, missingCache } from './cache-checks.js';
import { decisions } from './decisions-check.js';
import type { DirectoryState, DoctorCheck, DoctorFinding, PluginsState } from './doctor-check.js';
import { folders } from './folders-check.js';
import { leftovers, temporaryDirectories } from './leftovers-checks.js';
import { plugins } from './plugins-check.js';
import { strays } from './strays-check.js';

/** What `doctor` has looked at, and what is wrong with it. */
export interface DoctorReport {
  /** The plugins directory. */
  readonly directory: string;
  /** Plugins that were looked at. */
  readonly plugins: number;
  /** Errors first; empty when nothing is wrong. */
  readonly findings: readonly DoctorFinding[];
}

/** Of what looking at the plugins again repairs. */
const CHECKS_BEFORE: readonly DoctorCheck<DirectoryState>[] = [cacheDamage, leftovers];
const CHECKS: readonly DoctorCheck<PluginsState>[] = [
  plugins,
  folders,
  strays,
  missingCache,
  temporaryDirectories,
  decisions,
];

/** @param refresh examines the plugins, also those that were not loaded yet */
export async function examine(
  before: DirectoryState,
  refresh: () => Promise<Pick<PluginsState, 'entries' | 'stateWarnings'>>,
): Promise<DoctorReport> {
  const repairable = await findAll(CHECKS_BEFORE, before);
  const state = { ...before, ...(await refresh()) };
  const findings = [...(await findAll(CHECKS, state)), ...repairable];
  findings.sort((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'));
  return Object.freeze({
    directory: state.directory.path,
    plugins: state.entries.length,
    findings: Object.freeze(findings),
  });
}

async function findAll<State>(checks: readonly DoctorCheck<State>[], state: State): Promise<DoctorFinding[]> {
  const findings: DoctorFinding[] = [];
  for (const check of checks) findings.push(...(await check(state)));
  return findings;
}
