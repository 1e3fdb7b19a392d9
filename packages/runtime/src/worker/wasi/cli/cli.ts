/** wasi:cli: environment and arguments as granted, no terminal, nothing on stdin, stdout and stderr as lines, exit. */

import type { GuestMemory } from '../guest-memory.js';
import { dropFunctions, type Resource } from '../handle-table.js';
import { EmptyInput, LineOutput } from '../io/streams.js';
import type { InterfaceFunctions } from '../wasi-context.js';
import { PluginExit } from './plugin-exit.js';

/** Never made: a plugin has no terminal. */
abstract class TerminalInput implements Resource {
  abstract dispose(): void;
}
abstract class TerminalOutput implements Resource {
  abstract dispose(): void;
}

const POINTER_AND_LENGTH = 8;

export const environment: InterfaceFunctions = ({ grants }, memory) => ({
  'get-environment': (result: number) =>
    writeTexts(memory, result, Object.entries(grants.environment ?? {}), 2 * POINTER_AND_LENGTH),
  'get-arguments': (result: number) =>
    writeTexts(
      memory,
      result,
      (grants.arguments ?? []).map((argument) => [argument]),
      POINTER_AND_LENGTH,
    ),
  'initial-cwd': (result: number) => writeNone(memory, result, 12),
});

/** A list of tuples of strings. */
function writeTexts(memory: GuestMemory, result: number, rows: readonly (readonly string[])[], stride: number): void {
  const area = memory.range(result, POINTER_AND_LENGTH, 4);
  const list = memory.allocate(rows.length * stride, 4);
  for (const [row, texts] of rows.entries())
    for (const [column, text] of texts.entries())
      memory.setText(list + row * stride + column * POINTER_AND_LENGTH, text);
  memory.setU32(area, list);
  memory.setU32(area + 4, rows.length);
}

export const exit: InterfaceFunctions = ({ onExit }) => {
  const leave = (exitCode: number) => {
    onExit(exitCode);
    throw new PluginExit(exitCode);
  };
  return {
    exit: (status: number) => leave(status === 0 ? 0 : 1),
    'exit-with-code': (code: number) => leave(code & 0xff),
  };
};

export const stdin: InterfaceFunctions = ({ handles }) => ({ 'get-stdin': () => handles.add(new EmptyInput()) });
export const stdout: InterfaceFunctions = ({ handles, stdout }) => ({
  'get-stdout': () => handles.add(new LineOutput(stdout)),
});
export const stderr: InterfaceFunctions = ({ handles, stderr }) => ({
  'get-stderr': () => handles.add(new LineOutput(stderr)),
});

export const terminalInput: InterfaceFunctions = ({ handles }) =>
  dropFunctions(handles, { 'terminal-input': TerminalInput });
export const terminalOutput: InterfaceFunctions = ({ handles }) =>
  dropFunctions(handles, { 'terminal-output': TerminalOutput });

export const terminalStdin = noTerminal('get-terminal-stdin');
export const terminalStdout = noTerminal('get-terminal-stdout');
export const terminalStderr = noTerminal('get-terminal-stderr');

function noTerminal(name: string): InterfaceFunctions {
  return (_, memory) => ({ [name]: (result: number) => writeNone(memory, result, 8) });
}

function writeNone(memory: GuestMemory, result: number, byteLength: number): void {
  memory.setU8(memory.range(result, byteLength, 4), 0);
}
