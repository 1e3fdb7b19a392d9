/** Values as JSON has them: floats without a number for them are texts, and come back as floats. */
import type { ConfigInput, ConfigItem } from '@chipmunk-host/hosts';
import { floatToJson } from '@chipmunk-host/hosts/internal';

/** Resolved values, by id, in a form that survives `JSON.stringify` and is accepted as a configuration again. */
export function configToJson(items: readonly ConfigItem[]): Record<string, ConfigInput> {
  return Object.fromEntries(
    items.map(({ id, value }) => [id, value.kind === 'float' ? floatToJson(value.value) : value.value]),
  );
}

/** Values as a caller gave them, the same way. */
export function inputToJson(input: Readonly<Record<string, ConfigInput>>): Record<string, ConfigInput> {
  return Object.fromEntries(
    Object.entries(input).map(([id, value]) => [id, typeof value === 'number' ? floatToJson(value) : value]),
  );
}
