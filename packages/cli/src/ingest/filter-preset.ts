/** A filter preset of Chipmunk as a part of what is selected. */
import { type FilterPreset, presetPattern, readFilterPresets, type SelectOptions } from '@chipmunk-host/manager';
import { UsageError } from '../terminal/command-error.js';
import { oneLine } from '../terminal/terminal-text.js';

/** Where a preset is. */
export interface PresetPlace {
  readonly file: string;
  /** Undefined: the only one of the file. */
  readonly name: string | undefined;
}

/**
 * What matches any enabled filter of the preset, and all else that is asked for.
 * @throws HostError `ERR_CONFIG_FILE`; UsageError when it is not clear which preset is meant
 */
export async function withFilterPreset(select: SelectOptions, place: PresetPlace | undefined): Promise<SelectOptions> {
  if (place === undefined) return select;
  const pattern = presetPattern(chosen(await readFilterPresets(place.file), place));
  return { ...select, match: [pattern, ...[select.match ?? []].flat()] };
}

function chosen(presets: readonly FilterPreset[], { file, name }: PresetPlace): FilterPreset {
  const candidates = name === undefined ? presets : presets.filter((preset) => preset.name === name);
  const [preset] = candidates;
  if (preset !== undefined && candidates.length === 1) return preset;
  const names = presets.map((one) => `'${oneLine(one.name)}'`).join(', ');
  const has = presets.length === 0 ? 'no preset' : `the presets ${names}`;
  if (name === undefined) throw new UsageError(`'${file}' has ${has}; name one with '--preset'`);
  throw new UsageError(`'--preset ${name}' is not one of '${file}', which has ${has}`);
}
