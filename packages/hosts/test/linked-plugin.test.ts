/**
 * A plugin whose core module imports its memory, as the tools that link libraries into a component make them: it exports none, and
 * what the host's functions use is the memory that they were lowered with.
 */
import { parse as parseWat, print } from '@bytecodealliance/jco-transpile/wasm-tools';
import type { LogLine } from '@chipmunk-host/hosts';
import { compile } from '@chipmunk-host/runtime';
import { expect, test } from 'vitest';
import { watPlugin } from './faults/wat-plugin.js';
import { readAll, setStage } from './support.js';

const stage = setStage();
const ERROR = 0;

/** Logs a text, and the path of its temporary directory. */
const LOGGER = {
  imports: '(import "chipmunk:shared/sandbox@0.1.0" "temp-directory" (func $temp (param i32)))',
  fields: '(data (i32.const 2048) "from the right memory")',
  acts: [
    `(call $log (i32.const ${ERROR}) (i32.const 2048) (i32.const 21))
     (call $temp (i32.const 3072))
     (call $log (i32.const ${ERROR}) (i32.load (i32.const 3076)) (i32.load (i32.const 3080)))`,
  ],
};

/** The same component with the memory of its main module in a module of its own. */
async function linked(): Promise<Uint8Array> {
  let text = await print(await watPlugin(LOGGER));
  const replace = (from: string | RegExp, to: string) => {
    const replaced = text.replace(from, () => to);
    expect(replaced, `${from} is in the text`).not.toBe(text);
    text = replaced;
  };
  replace('(memory (;0;) 2)', '');
  replace('(export "memory" (memory 0))', '');
  replace(
    '(import "chipmunk:shared/logging@0.1.0" "log"',
    '(import "env" "memory" (memory 2)) (import "chipmunk:shared/logging@0.1.0" "log"',
  );
  replace(/\(alias core export \$main "memory" \(core memory \$memory [^)]*\)\)\)/, '');
  replace(
    '(core instance $main (;3;) (instantiate $main',
    `(core module $libc (memory (export "mem") 2))
     (core instance $libc (instantiate $libc))
     (alias core export $libc "mem" (core memory $memory))
     (core instance $env (export "memory" (memory $memory)))
     (core instance $main (instantiate $main (with "env" (instance $env))`,
  );
  return parseWat(text);
}

test.each([true, false])(
  'logs and has a temporary directory (through the bindings alone: %s)',
  async (bindingsOnly) => {
    const component = await compile(await linked());
    const logs: LogLine[] = [];
    const file = await stage.input('a line\n!0\n');
    const session = await stage.open({
      source: { file },
      component,
      bindingsOnly,
      onLog: (record: LogLine) => void logs.push(record),
    });
    const rows = await readAll(session);
    await session.close();
    expect(rows.map(({ columns }) => columns.join())).toEqual(['a line\n', '!0\n']);
    expect(logs.map(({ message }) => message)).toEqual(['from the right memory', expect.stringMatching(/^\//)]);
  },
);
