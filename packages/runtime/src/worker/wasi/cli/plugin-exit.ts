/** A plugin's call of `exit`, on its way out through the plugin's frames. */
import { PluginTrapError } from '../../../shared/errors.js';

/** By a type that a program without declarations of WebAssembly has, too. */
const RuntimeError: new (message: string) => Error = WebAssembly.RuntimeError;

/** A `WebAssembly.RuntimeError`, because that is what makes the bindings refuse the instance from then on. */
export class PluginExit extends RuntimeError {
  override readonly name = 'PluginExit';
  /** As the plugin gave it; through preview 1 only success (0) or failure (1) arrives. */
  readonly exitCode: number;

  constructor(exitCode: number) {
    super(`The plugin called exit(${exitCode}).`);
    this.exitCode = exitCode;
  }

  toPluginError(): PluginTrapError {
    return new PluginTrapError(this.message, { cause: this });
  }
}
