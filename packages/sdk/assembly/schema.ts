/** Describes the configuration that a plugin takes, so that hosts can ask the user for it. */
import { reserve } from './arena';
import { storeOptionalText, storeText, storeTexts } from './text';

const SCHEMA_BYTES: usize = 48;

const enum Case {
  Boolean,
  Integer,
  Float,
  Text,
  Directories,
  Files,
  Dropdown,
}

/** One configuration value. Ids are unique within a plugin. */
export class Schema {
  private description: string | null = null;
  private number: f64 = 0;
  private value: string = '';
  private options: string[] = [];

  private constructor(
    private readonly id: string,
    private readonly title: string,
    private readonly valueCase: i32,
  ) {}

  static boolean(id: string, title: string, byDefault: bool = false): Schema {
    const schema = new Schema(id, title, Case.Boolean);
    schema.number = byDefault ? 1 : 0;
    return schema;
  }

  static integer(id: string, title: string, byDefault: i32 = 0): Schema {
    const schema = new Schema(id, title, Case.Integer);
    schema.number = byDefault;
    return schema;
  }

  static float(id: string, title: string, byDefault: f32 = 0): Schema {
    const schema = new Schema(id, title, Case.Float);
    schema.number = byDefault;
    return schema;
  }

  static text(id: string, title: string, byDefault: string = ''): Schema {
    const schema = new Schema(id, title, Case.Text);
    schema.value = byDefault;
    return schema;
  }

  static directories(id: string, title: string): Schema {
    return new Schema(id, title, Case.Directories);
  }

  /** `extensions`: those that may be chosen; empty for all. */
  static files(id: string, title: string, extensions: string[] = []): Schema {
    const schema = new Schema(id, title, Case.Files);
    schema.options = extensions;
    return schema;
  }

  static dropdown(id: string, title: string, options: string[], byDefault: string): Schema {
    const schema = new Schema(id, title, Case.Dropdown);
    schema.options = options;
    schema.value = byDefault;
    return schema;
  }

  /** Adds a description for the user. */
  describe(description: string): Schema {
    this.description = description;
    return this;
  }

  /** Writes a list of schemas into the arena, and its address and length at `target`. */
  static storeAll(target: usize, schemas: Schema[]): void {
    const list = reserve(<usize>schemas.length * SCHEMA_BYTES, 4);
    for (let i = 0; i < schemas.length; i++) schemas[i].store(list + <usize>i * SCHEMA_BYTES);
    store<usize>(target, list);
    store<i32>(target, schemas.length, 4);
  }

  private store(at: usize): void {
    storeText(at, this.id);
    storeText(at + 8, this.title);
    storeOptionalText(at + 16, this.description);
    store<u8>(at, this.valueCase, 28);
    switch (this.valueCase) {
      case Case.Boolean:
        store<u8>(at, <u8>this.number, 32);
        break;
      case Case.Integer:
        store<i32>(at, <i32>this.number, 32);
        break;
      case Case.Float:
        store<f32>(at, <f32>this.number, 32);
        break;
      case Case.Text:
        storeText(at + 32, this.value);
        break;
      case Case.Files:
        storeTexts(at + 32, this.options);
        break;
      case Case.Dropdown:
        storeTexts(at + 32, this.options);
        storeText(at + 40, this.value);
        break;
      default:
    }
  }
}
