/** Why a plugin refuses its configuration. */
import { storeText } from './text';

/** The text is shown to the user. */
export class InitError {
  private constructor(
    private readonly errorCase: i32,
    private readonly message: string,
  ) {}

  /** The configuration itself is wrong. */
  static config(message: string): InitError {
    return new InitError(0, message);
  }

  /** A file or directory could not be used. */
  static io(message: string): InitError {
    return new InitError(1, message);
  }

  /** The configuration asks for what the plugin cannot do. */
  static unsupported(message: string): InitError {
    return new InitError(2, message);
  }

  static other(message: string): InitError {
    return new InitError(3, message);
  }

  /** Writes the result of `init` at `target`: an error, or that all is well. */
  static store(target: usize, error: InitError | null): void {
    if (error === null) {
      store<u8>(target, 0);
      return;
    }
    store<u8>(target, 1);
    store<u8>(target, error.errorCase, 4);
    storeText(target + 8, error.message);
  }
}
