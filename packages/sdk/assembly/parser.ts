/** The base of parser plugins. */
import { Input } from './input';
import { Items } from './items';
import { Plugin } from './plugin';
import { RenderOptions } from './render-options';

/** Turns bytes into items. */
export abstract class Parser extends Plugin {
  /** The columns of this parser's messages; null, the default, when its messages are lines. May be asked for before `init`. */
  renderOptions(): RenderOptions | null {
    return null;
  }

  /**
   * Puts the items at the start of `input` into `out`. It need not use up all of it: the rest begins the next slice. To put
   * in nothing and use up nothing asks for a longer slice.
   */
  abstract parse(input: Input, out: Items): void;
}
