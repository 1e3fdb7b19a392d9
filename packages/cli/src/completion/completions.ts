/**
 * The possible words at the cursor, from the tree of commands itself, so that there is no second list. Values are recognised
 * by the name that help has for them: `<plugin>`, `<file>`, `<directory>`, `<spool>`, `<profile>`.
 */
import type { Argument, Command, Option } from 'commander';

export interface Completion {
  readonly word: string;
  readonly description: string;
}

/** `files`, `directories`: the shell itself knows them best. */
export interface Completions {
  readonly candidates: readonly Completion[];
  readonly paths: 'files' | 'directories' | undefined;
}

/** What the command line has so far. */
export interface Given {
  /** Values of options by their attribute name, such as `pluginsDir`. */
  readonly options: ReadonlyMap<string, string>;
  readonly operands: readonly string[];
  /** Attribute name of the option whose value is being written; undefined: it is no option's. */
  readonly awaited: string | undefined;
}

/** Names that are known only at run time. */
export interface NameSource {
  plugins(given: Given): Promise<readonly Completion[]>;
  profiles(given: Given): Promise<readonly Completion[]>;
  /** How names of sources begin. */
  sources(): Promise<readonly Completion[]>;
}

const NOTHING: Completions = { candidates: [], paths: undefined };

/** @param words behind the program's name; the last one is being written, and may be empty */
export async function completionsOf(
  program: Command,
  words: readonly string[],
  names: NameSource,
): Promise<Completions> {
  const current = words.at(-1) ?? '';
  const { command, given, awaited, optionsOver } = walk(program, words.slice(0, -1));
  const all =
    awaited !== undefined
      ? await valuesOf(awaited.argChoices, valueName(awaited.flags), given, names)
      : current.startsWith('-') && !optionsOver
        ? { candidates: optionsOf(command), paths: undefined }
        : await operandsOf(command, given, names, current);
  return { ...all, candidates: all.candidates.filter(({ word }) => word.startsWith(current)) };
}

/** Which command the words lead to, and which option waits for a value. */
function walk(program: Command, words: readonly string[]) {
  let command = program;
  let awaited: Option | undefined;
  let optionsOver = false;
  const options = new Map<string, string>();
  const operands: string[] = [];
  for (const word of words) {
    if (awaited !== undefined) {
      options.set(awaited.attributeName(), word);
      awaited = undefined;
    } else if (word === '--') {
      optionsOver = true;
    } else if (word.startsWith('-') && word !== '-' && !optionsOver) {
      const [flag = '', ...value] = word.split('=');
      const option = command.options.find(({ long, short }) => flag === long || flag === short);
      if (option?.required && value.length === 0) awaited = option;
      else if (option !== undefined) options.set(option.attributeName(), value.join('='));
    } else {
      const inner = operands.length === 0 ? visible(command).find((candidate) => candidate.name() === word) : undefined;
      if (inner === undefined) operands.push(word);
      else command = inner;
    }
  }
  return { command, given: { options, operands, awaited: awaited?.attributeName() }, awaited, optionsOver };
}

/** @param current what is being written; names of sources are offered when it has begun */
async function operandsOf(command: Command, given: Given, names: NameSource, current: string): Promise<Completions> {
  const inner = visible(command).map((candidate) => ({
    word: candidate.name(),
    description: candidate.description(),
  }));
  if (inner.length > 0) return { candidates: inner, paths: undefined };
  const { registeredArguments } = command;
  const last = registeredArguments.at(-1);
  const argument: Argument | undefined =
    registeredArguments[given.operands.length] ?? (last?.variadic ? last : undefined);
  if (argument === undefined) return NOTHING;
  const values = await valuesOf(argument.argChoices, argument.name(), given, names);
  if (command.name() !== 'ingest' || current === '') return values;
  return { ...values, candidates: await names.sources() };
}

async function valuesOf(
  choices: readonly string[] | undefined,
  name: string,
  given: Given,
  names: NameSource,
): Promise<Completions> {
  if (choices !== undefined)
    return { candidates: choices.map((word) => ({ word, description: '' })), paths: undefined };
  switch (name) {
    case 'plugin':
      return { candidates: await names.plugins(given), paths: 'files' };
    case 'profile':
      return { candidates: await names.profiles(given), paths: undefined };
    case 'file':
    case 'path':
      return { candidates: [], paths: 'files' };
    case 'directory':
    case 'spool':
      return { candidates: [], paths: 'directories' };
    default:
      return NOTHING;
  }
}

function optionsOf(command: Command): Completion[] {
  return command
    .createHelp()
    .visibleOptions(command)
    .map(({ long, short, description }) => ({ word: long ?? short ?? '', description }));
}

function visible(command: Command): Command[] {
  return command.createHelp().visibleCommands(command);
}

/** The name between the brackets of flags, such as `plugin` in `-p, --parser <plugin>`. */
function valueName(flags: string): string {
  return /[<[]([^>\]]+)[>\]]/.exec(flags)?.[1] ?? '';
}
