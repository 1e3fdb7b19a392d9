/**
 * The features of WebAssembly that core modules may use beyond what every supported Node has: which of them are taken, and
 * which Node has them. docs/security.md lists all of them, with the reasons.
 */

import type { UncountedFeature } from '../../shared/component/wasm-features.js';
import { EnvironmentError, type HostError, PluginInvalidError } from '../../shared/errors.js';

type Feature = { readonly name: string } & (
  | {
      /** The first Node that has it; undefined while none has. */
      readonly node: number | undefined;
      /** Sections of the smallest module that needs it, in hexadecimal: this Node has it when it takes that module. */
      readonly probe: string;
      /** Taken only when it is allowed. */
      readonly uncounted?: UncountedFeature;
    }
  | {
      /** Why it is never taken. */
      readonly refused: string;
    }
);

const FEATURES = {
  extendedConstants: {
    name: 'extended constant expressions',
    node: 22,
    probe: '0609017f00410041006a0b',
  },
  globalConstants: {
    name: "constant expressions that read the module's own globals",
    node: 22,
    probe: '060b027f0041000b7f0023000b',
  },
  multipleMemories: {
    name: 'more than one memory in a module (multi-memory)',
    refused: 'for which the transpiler makes no bindings',
  },
  relaxedSimd: {
    name: 'relaxed SIMD',
    node: 22,
    probe: '01070160027b7b017b030201000a0b01090020002001fd80020b',
  },
  functionReferences: {
    name: 'typed function references',
    node: 22,
    probe: '0109026000006001630000030201010a040102000b',
  },
  gc: { name: 'garbage-collected types (GC)', node: 22, probe: '0103015f00', uncounted: 'gc' },
  exceptions: {
    name: 'exceptions',
    refused:
      "which the transpiler does not support, and with which a plugin could catch errors of the host's functions",
  },
  legacyExceptions: {
    name: 'legacy exceptions',
    refused: 'which are no longer part of WebAssembly',
  },
  wideArithmetic: {
    name: 'wide arithmetic',
    node: undefined,
    probe: '01080160027e7e027e7e030201000a0a01080020002001fc160b',
  },
} as const satisfies Record<string, Feature>;

export type FeatureName = keyof typeof FEATURES;

const MODULE_HEADER = '0061736d01000000';

/** Whether this Node has a feature. */
export function hasFeature(feature: FeatureName): boolean {
  const entry: Feature = FEATURES[feature];
  return 'probe' in entry && WebAssembly.validate(Buffer.from(MODULE_HEADER + entry.probe, 'hex'));
}

export interface FeatureUse {
  /** @throws PluginInvalidError when the feature is not taken; EnvironmentError when it is, but this Node lacks it. */
  add(feature: FeatureName): void;
}

/** For what was walked before. */
export const ANY_FEATURE: FeatureUse = { add: () => {} };

/** Told of every feature that a binary uses, and refuses those that it may not. */
export class FeatureTally implements FeatureUse {
  readonly #allowed: ReadonlySet<string>;
  readonly #taken = new Set<FeatureName>();

  constructor(allowed: readonly UncountedFeature[]) {
    this.#allowed = new Set(allowed);
  }

  add(feature: FeatureName): void {
    if (this.#taken.has(feature)) return;
    const entry: Feature = FEATURES[feature];
    const { name } = entry;
    if ('refused' in entry)
      throw moduleRefusal(`it uses ${name}, ${entry.refused}`, 'Build the plugin without this feature.');
    const { node, uncounted } = entry;
    if (uncounted !== undefined && !this.#allowed.has(uncounted))
      throw moduleRefusal(
        `it uses ${name}, which are in the JavaScript heap, where no memory limit counts them`,
        `Build the plugin without them. For a trusted plugin they can be allowed: allow: ['${uncounted}'].`,
      );
    if (!hasFeature(feature)) throw lacking(name, node);
    this.#taken.add(feature);
  }
}

/** What another Node has is no fault of the component's. */
function lacking(name: string, node: number | undefined): HostError {
  if (node === undefined)
    return moduleRefusal(`it uses ${name}, which no Node.js supports yet`, 'Build the plugin without this feature.');
  return new EnvironmentError(`The component uses ${name}, which this Node.js (${process.version}) does not support.`, {
    help: `Run this host with Node.js ${node} or later, or build the plugin without this feature.`,
  });
}

/** @param what after a colon, behind the words that a core module is not taken */
export function moduleRefusal(what: string, help?: string): PluginInvalidError {
  return new PluginInvalidError(
    `The component has a core module that this host does not support: ${what}.`,
    help === undefined ? {} : { help },
  );
}
