/** Asks for the values of a configuration on a terminal, each with what fits its type. */
import {
  type ConfigInput,
  type ConfigSchema,
  type ConfigType,
  configFromStrings,
  validateConfig,
} from '@chipmunk-host/manager';
import { confirm, isCancel, path as pathPrompt, select, text } from '@clack/prompts';
import { oneLine } from '../terminal/terminal-text.js';
import { Cancelled } from './cancelled.js';
import type { Terminal } from './confirmation.js';

type Values = Readonly<Record<string, ConfigInput>>;

/**
 * @param preset values that are offered, where there are any, in place of the defaults
 * @returns a value for every id
 * @throws Cancelled when Ctrl-C or Escape was pressed
 */
export async function askConfig(schemas: readonly ConfigSchema[], preset: Values, at: Terminal): Promise<Values> {
  const answers: [string, ConfigInput][] = [];
  for (const schema of schemas) {
    const given = Object.hasOwn(preset, schema.id) ? preset[schema.id] : undefined;
    answers.push([schema.id, await ask(schema, given, at)]);
  }
  return Object.fromEntries(answers);
}

/** @returns undefined when no name was given. @throws Cancelled */
export async function askProfileName(at: Terminal): Promise<string | undefined> {
  const message = 'Save it as a profile with this name (empty: do not save)';
  const name = answered(await text({ message, defaultValue: '', ...at })).trim();
  return name === '' ? undefined : name;
}

async function ask(schema: ConfigSchema, preset: ConfigInput | undefined, at: Terminal): Promise<ConfigInput> {
  const { id, title, description, type } = schema;
  const more = description === undefined || description === '' ? '' : `\n${oneLine(description)}`;
  const message = `${oneLine(title === '' ? id : title)}${more}`;
  const offered = preset ?? defaultOf(type);
  switch (type.kind) {
    case 'boolean':
      return answered(await confirm({ message, initialValue: offered === true, ...at }));
    case 'dropdown': {
      const options = [...new Set([...type.options, type.default])];
      const choices = options.map((option) => ({ value: option, label: oneLine(option) }));
      return answered(await select({ message, options: choices, initialValue: String(offered), maxItems: 12, ...at }));
    }
    case 'files':
    case 'directories':
      return askPaths(message, type, (Array.isArray(offered) ? offered : []) as readonly string[], at);
    default:
      return askText(schema, message, String(offered), at);
  }
}

/** Texts, and numbers, which are texts until they are checked against the schema. */
async function askText(schema: ConfigSchema, message: string, offered: string, at: Terminal): Promise<ConfigInput> {
  const parsed = (answer: string) => configFromStrings([schema], [[schema.id, answer]]);
  const validate = (answer: string | undefined) => {
    const [fault] = validateConfig([schema], parsed(answer ?? ''));
    return fault === undefined ? undefined : `Expected ${fault.expected}.`;
  };
  const answer = answered(await text({ message, initialValue: offered, validate, ...at }));
  return parsed(answer ?? '')[schema.id] as ConfigInput;
}

/** One after the other, until it is enough. */
async function askPaths(
  message: string,
  type: ConfigType & { kind: 'files' | 'directories' },
  offered: readonly string[],
  at: Terminal,
): Promise<readonly string[]> {
  let paths = [...offered];
  if (paths.length > 0) {
    const keep = await confirm({ message: `${message}\nKeep ${paths.map(oneLine).join(', ')}?`, ...at });
    if (!answered(keep)) paths = [];
  }
  const what = type.kind === 'files' ? 'file' : 'directory';
  const extensions = type.kind === 'files' && type.extensions.length > 0 ? ` (${type.extensions.join(', ')})` : '';
  for (;;) {
    const question = `${message}\nAdd ${paths.length === 0 ? 'a' : 'another'} ${what}${extensions}?`;
    if (!answered(await confirm({ message: question, initialValue: false, ...at }))) return paths;
    const path = await pathPrompt({ message: `Path of the ${what}`, directory: type.kind === 'directories', ...at });
    paths.push(answered(path));
  }
}

function defaultOf(type: ConfigType): ConfigInput {
  return type.kind === 'files' || type.kind === 'directories' ? [] : type.default;
}

function answered<Value>(answer: Value): Exclude<Value, symbol> {
  if (isCancel(answer)) throw new Cancelled('interrupted');
  return answer as Exclude<Value, symbol>;
}
