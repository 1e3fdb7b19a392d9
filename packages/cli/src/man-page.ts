/** The manual page, in roff, from the tree of commands itself; scripts/write-man-page.mjs writes it at each build. */
import type { Command } from 'commander';

/** What no option table has: what is the same for all commands. */
const ENDING = `.SH EXIT STATUS
0 done, 1 something failed, 2 wrong usage, 3 a search found nothing, 129, 130 or 143 ended by SIGHUP, SIGINT or SIGTERM.
.SH ENVIRONMENT
.TP
CHIPMUNK_HOST_PLUGINS_DIR
Where plugins are installed; \\-\\-plugins\\-dir overrides it.
.TP
CHIPMUNK_HOST_FORMAT
How ingest writes items; \\-\\-format overrides it.
.TP
NO_COLOR
If set, no colours are printed.
`;

export function manPage(program: Command): string {
  const lines = [
    `.TH ${program.name().toUpperCase()} 1 "" "${program.name()} ${program.version()}"`,
    '.SH NAME',
    `${program.name()} \\- ${escaped(program.description())}`,
    '.SH SYNOPSIS',
    `.B ${escaped(program.name())}`,
    'command [options]',
    '.SH COMMANDS',
    ...commandLines(program, program.name()),
  ];
  return `${lines.join('\n')}\n${ENDING}`;
}

function commandLines(parent: Command, path: string): string[] {
  const help = parent.createHelp();
  return help.visibleCommands(parent).flatMap((command) => {
    if (command.name() === 'help') return [];
    const full = `${path} ${command.name()}`;
    const inner = commandLines(command, full);
    if (inner.length > 0) return inner;
    return [
      `.SS ${escaped(full)} ${escaped(command.usage())}`,
      escaped(command.description()),
      ...help.visibleArguments(command).flatMap((argument) => entry(argument.name(), argument.description)),
      ...help.visibleOptions(command).flatMap((option) => entry(option.flags, help.optionDescription(option))),
    ];
  });
}

function entry(term: string, description: string): string[] {
  return ['.TP', `.B ${escaped(term)}`, escaped(description)];
}

/** A line that begins with a dot or an apostrophe would be a request; a bare `-` may become a hyphen. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/gm, '\\&');
}
