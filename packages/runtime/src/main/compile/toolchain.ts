/** What transpiles components in this installation, for those who keep what depends on it. */
import { readFile } from 'node:fs/promises';
import { formatToolchain, TOOLCHAIN } from '../../shared/component/toolchain.js';

/** Name and version of the transpiler, such as `@bytecodealliance/jco-transpile@1.2.3`. */
export async function toolchain(): Promise<string> {
  return formatToolchain(await readFile(TOOLCHAIN, 'utf8'));
}
