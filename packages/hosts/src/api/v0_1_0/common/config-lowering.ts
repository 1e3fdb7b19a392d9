/** Configuration between the version-neutral model and the bindings of 0.1.0. */

import { shortestFloat } from '../../../shared/config/config-float.js';
import type { ConfigItem, ConfigSchema, ConfigType } from '../../../shared/config/config-schema.js';
import type { BindingsConfigSchema, BindingsConfigSchemaType, BindingsConfigValue } from './bindings.js';

export function liftSchemas(schemas: readonly BindingsConfigSchema[]): ConfigSchema[] {
  return schemas.map(({ id, title, description, inputType }) => ({
    id,
    title,
    description,
    type: liftType(inputType),
  }));
}

export function lowerConfig(items: readonly ConfigItem[]): { id: string; value: BindingsConfigValue }[] {
  return items.map(({ id, value }) => ({ id, value: { tag: value.kind, val: value.value } as BindingsConfigValue }));
}

function liftType(type: BindingsConfigSchemaType): ConfigType {
  switch (type.tag) {
    case 'boolean':
      return { kind: 'boolean', default: type.val };
    case 'integer':
      return { kind: 'integer', default: type.val };
    case 'float':
      return { kind: 'float', default: shortestFloat(type.val) };
    case 'text':
      return { kind: 'text', default: type.val };
    case 'directories':
      return { kind: 'directories' };
    case 'files':
      return { kind: 'files', extensions: [...type.val] };
    case 'dropdown':
      return { kind: 'dropdown', options: [...type.val[0]], default: type.val[1] };
  }
}
