/** What the functions of one WASI host share, whichever core instance calls them. */
import type { WasiGrants, WasiLimits } from '../../shared/wasi-grants.js';
import type { CoreFunction } from '../component/core-calls.js';
import type { OutputLines } from './cli/output-lines.js';
import type { ClockSource } from './clocks/clock-source.js';
import type { DescriptorLedger } from './filesystem/descriptor-ledger.js';
import type { GrantedTree } from './filesystem/granted-tree.js';
import type { OpenFileCount } from './filesystem/open-file.js';
import type { GuestMemory } from './guest-memory.js';
import type { HandleTable } from './handle-table.js';
import type { RandomSource } from './random/random-source.js';

export interface WasiContext {
  readonly grants: WasiGrants;
  readonly limits: WasiLimits;
  readonly handles: HandleTable;
  readonly clock: ClockSource;
  readonly random: RandomSource;
  readonly trees: readonly GrantedTree[];
  readonly openFiles: OpenFileCount;
  /** What is open on the machine for the plugin, and for the walk of a path under way. */
  readonly ledger: DescriptorLedger;
  readonly stdout: OutputLines;
  readonly stderr: OutputLines;
  /** Makes what a plugin sees of inode numbers its own. */
  readonly identitySalt: string;
  /** Notes that the plugin ended itself. */
  readonly onExit: (code: number) => void;
}

/** Functions of one interface by their names in WIT. */
export type CoreFunctions = Readonly<Record<string, CoreFunction>>;

/** Makes the functions of one interface for one calling core instance. */
export type InterfaceFunctions = (context: WasiContext, memory: GuestMemory) => CoreFunctions;
