/** What parsers and byte-sources have in common. */
import { Config } from './config';
import { InitError } from './init-error';
import { Schema } from './schema';

/** A plugin's own version, by the rules of semantic versioning. */
export class Version {
  constructor(
    readonly major: u16,
    readonly minor: u16,
    readonly patch: u16,
  ) {}
}

export abstract class Plugin {
  /** The version of this plugin. */
  abstract version(): Version;

  /** The configuration that this plugin takes; none by default. May be asked for before `init`. */
  schemas(): Schema[] {
    return [];
  }

  /** Called once, before the first `parse` or `read`. Returns null, or why the configuration is refused. */
  init(_config: Config): InitError | null {
    return null;
  }
}
