/** `plugins doctor`: what is wrong with the plugins and their directory, and what to do about it. */
import type { DoctorReport } from '@chipmunk-host/manager';
import { ExitCode } from '../terminal/exit-code.js';
import { indented, oneLine, printable } from '../terminal/terminal-text.js';
import { printJson, printLine } from './command-output.js';
import { openManager, type PluginsOptions } from './manager-access.js';
import { kindWord } from './plugin-words.js';

export interface DoctorOptions extends PluginsOptions {
  /** Warnings count as much as errors. */
  readonly strict?: boolean;
}

/** Exit code: 1 when there are errors, or with `strict` warnings. */
export async function runDoctor(options: DoctorOptions): Promise<ExitCode> {
  // What would be warned of meanwhile is among the findings.
  await using manager = await openManager(options, { load: 'lazy' });
  const report = await manager.doctor();
  const errors = report.findings.filter(({ severity }) => severity === 'error').length;
  const warnings = report.findings.length - errors;
  if (options.json) {
    printJson(report);
  } else {
    for (const finding of report.findings) printFinding(finding);
    const found =
      errors + warnings === 0 ? 'nothing is wrong' : `${counted(errors, 'error')}, ${counted(warnings, 'warning')}`;
    const shipped = manager.plugins().filter(({ origin }) => origin === 'bundled').length;
    const installed = counted(report.plugins - shipped, 'plugin');
    printLine(`${installed} in ${report.directory}, ${shipped} shipped: ${found}.`);
  }
  return errors > 0 || (options.strict && warnings > 0) ? ExitCode.failed : ExitCode.ok;
}

function printFinding({ severity, subject, message, help }: DoctorReport['findings'][number]): void {
  const who =
    subject.kind === 'plugin'
      ? `${kindWord(subject.plugin.kind)} '${oneLine(subject.plugin.name)}'`
      : `${subject.kind} ${subject.path}`;
  printLine(`${severity}: ${who}`);
  printLine(indented(printable(message)));
  printLine(`${indented(`help: ${printable(help)}`)}\n`);
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
