// Random schemas, and messages of them.
import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor/index.js';
import type { Random } from './random.js';

/** Numbers of `FieldDescriptorProto.Type`. */
const SCALARS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 15, 16, 17, 18];
const KEYS = [3, 4, 5, 6, 7, 8, 9, 13, 15, 16, 17, 18];
const [GROUP, MESSAGE, ENUM] = [10, 11, 14];
const [OPTIONAL, REPEATED] = [1, 3];

interface FieldShape {
  readonly name: string;
  readonly number: number;
  readonly label: number;
  readonly type: number;
  readonly typeName?: string;
  readonly oneofIndex?: number;
  readonly options?: { readonly packed: boolean };
}

interface MessageShape {
  readonly name: string;
  readonly field: readonly FieldShape[];
  readonly nestedType?: readonly MessageShape[];
  readonly oneofDecl?: readonly { readonly name: string }[];
  readonly options?: { readonly mapEntry: boolean };
}

export interface Schema {
  /** A descriptor set in its binary form. */
  readonly set: Buffer;
  readonly messages: readonly MessageShape[];
  readonly type: (name: string) => protobuf.Type;
}

/** A schema of messages `M0`, `M1` and so on of the package `p`. */
export function randomSchema(random: Random): Schema {
  const count = 1 + random.below(4);
  const syntax = random.pick(['proto2', 'proto3']);
  const messages = Array.from({ length: count }, (_, index) => randomMessage(random, index, count, syntax));
  const values = Array.from({ length: 5 }, (_, index) => ({
    name: `VALUE_${index}`,
    number: index === 4 ? -7 : index * index,
  }));
  return schemaOf(syntax, messages, [{ name: 'E', value: values }]);
}

export function schemaOf(syntax: string, messageType: readonly MessageShape[], enumType: readonly object[]): Schema {
  const file = [{ name: 'a.proto', package: 'p', syntax, messageType, enumType }];
  const { FileDescriptorSet } = descriptor as unknown as { FileDescriptorSet: protobuf.Type };
  const set = Buffer.from(FileDescriptorSet.encode(FileDescriptorSet.fromObject({ file })).finish());
  const { Root } = protobuf as unknown as { Root: { fromDescriptor(set: Uint8Array): protobuf.Root } };
  const root = Root.fromDescriptor(set).resolveAll();
  return { set, messages: messageType, type: (name) => root.lookupType(`p.${name}`) };
}

function randomMessage(random: Random, index: number, count: number, syntax: string): MessageShape {
  const nestedType: MessageShape[] = [];
  const numbers = new Set(
    Array.from({ length: random.below(9) }, () =>
      random.pick([1, 2, 3, 4, 5, 15, 16, 127, 128, 300, 70_000, 536_870_911]),
    ),
  );
  const field = [...numbers].map((number): FieldShape => {
    const name = `f_${number}`;
    const kind = random.below(12);
    const label = random.chance(0.3) ? REPEATED : OPTIONAL;
    if (kind === 0) return { name, number, label, type: ENUM, typeName: '.p.E' };
    if (kind <= 2) return { name, number, label, type: MESSAGE, typeName: `.p.M${random.below(count)}` };
    if (kind === 3 && syntax === 'proto2') {
      return { name, number, label, type: GROUP, typeName: `.p.M${random.below(count)}` };
    }
    if (kind === 4) {
      const entry = `F${number}Entry`;
      const isMessage = random.chance(0.3);
      nestedType.push({
        name: entry,
        field: [
          { name: 'key', number: 1, label: OPTIONAL, type: random.pick(KEYS) },
          isMessage
            ? { name: 'value', number: 2, label: OPTIONAL, type: MESSAGE, typeName: `.p.M${random.below(count)}` }
            : { name: 'value', number: 2, label: OPTIONAL, type: random.pick(SCALARS) },
        ],
        options: { mapEntry: true },
      });
      return { name, number, label: REPEATED, type: MESSAGE, typeName: `.p.M${index}.${entry}` };
    }
    const type = random.pick(SCALARS);
    if (kind === 5) return { name, number, label: OPTIONAL, type, oneofIndex: 0 };
    const canPack = label === REPEATED && type !== 9 && type !== 12;
    return { name, number, label, type, ...(canPack ? { options: { packed: random.chance(0.5) } } : {}) };
  });
  const oneofDecl = field.some(({ oneofIndex }) => oneofIndex === 0) ? [{ name: 'choice' }] : [];
  return { name: `M${index}`, field, nestedType, oneofDecl };
}

/** A message of type `name` as protobufjs takes it. */
export function randomValue(random: Random, schema: Schema, name: string, depth = 0): Record<string, unknown> {
  const shape = schema.messages.find((message) => message.name === name) as MessageShape;
  const chosen = random.below(3);
  let inOneof = 0;
  const value: Record<string, unknown> = {};
  for (const field of shape.field) {
    if (field.oneofIndex !== undefined && inOneof++ !== chosen) continue;
    if (random.chance(0.3) || (depth > 3 && field.typeName?.startsWith('.p.M'))) continue;
    const entry = shape.nestedType?.find((nested) => field.typeName === `.p.${name}.${nested.name}`);
    if (entry !== undefined) {
      const [key, item] = entry.field as readonly [FieldShape, FieldShape];
      if (depth > 2 && item.type === MESSAGE) continue;
      value[field.name] = Object.fromEntries(
        random.list(1, 3, () => [String(scalar(random, key.type)), one(random, schema, item, depth)]),
      );
    } else if (field.label === REPEATED) {
      value[field.name] = random.list(1, 4, () => one(random, schema, field, depth));
    } else {
      value[field.name] = one(random, schema, field, depth);
    }
  }
  return value;
}

function one(random: Random, schema: Schema, { type, typeName }: FieldShape, depth: number): unknown {
  if (type === MESSAGE || type === GROUP)
    return randomValue(random, schema, (typeName ?? '').replace('.p.', ''), depth + 1);
  if (type === ENUM) return random.pick([0, 1, 4, 9, -7, 77]);
  return scalar(random, type);
}

function scalar(random: Random, type: number): unknown {
  const small = random.below(200);
  switch (type) {
    case 1:
      return random.pick([0, 1.5, -0.1, 1e300, 5e-324, Number.NaN, Number.POSITIVE_INFINITY, small / 7]);
    case 2:
      return Math.fround(random.pick([0, 0.1, -2.5, 3.4e38, Number.NEGATIVE_INFINITY, small / 7]));
    case 3:
    case 16:
    case 18:
      return random.pick(['0', '-1', '9223372036854775807', '-9223372036854775808', String(small)]);
    case 4:
    case 6:
      return random.pick(['0', '18446744073709551615', '4294967296', String(small)]);
    case 5:
    case 15:
    case 17:
      return random.pick([0, -1, 2_147_483_647, -2_147_483_648, small]);
    case 7:
    case 13:
      return random.pick([0, 4_294_967_295, small]);
    case 8:
      return random.chance(0.5);
    case 9:
      return random.pick([
        '',
        'a',
        'with "quotes"\\ and \n\t\u0001',
        'größe 😀',
        'x'.repeat(small),
        `${'y'.repeat(small)}"ä`,
      ]);
    default:
      return Buffer.from(random.list(0, 9, () => random.below(256)));
  }
}

/** What protobufjs makes of a message, as the parser shows it. */
export function expectedOf(type: protobuf.Type, message: Uint8Array): unknown {
  return type.toObject(type.decode(message), { longs: String, enums: String, bytes: String, json: true });
}
