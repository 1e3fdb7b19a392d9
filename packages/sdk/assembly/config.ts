/**
 * The configuration that `init` gets: each value is found by its id. A missing value, and one of another type than asked
 * for, gives the default.
 */
import { loadText, loadTexts } from './text';

const ITEM_BYTES: usize = 20;

const enum Case {
  Boolean,
  Integer,
  Float,
  Text,
  Directories,
  Files,
  Dropdown,
}

class Item {
  number: f64 = 0;
  text: string = '';
  texts: string[] = [];

  constructor(readonly valueCase: i32) {}
}

export class Config {
  private readonly items: Map<string, Item> = new Map();

  /** Whether the host gave a value for this id, of whatever type. */
  has(id: string): bool {
    return this.items.has(id);
  }

  boolean(id: string, fallback: bool = false): bool {
    const item = this.find(id, Case.Boolean);
    return item === null ? fallback : item.number != 0;
  }

  integer(id: string, fallback: i32 = 0): i32 {
    const item = this.find(id, Case.Integer);
    return item === null ? fallback : <i32>item.number;
  }

  float(id: string, fallback: f32 = 0): f32 {
    const item = this.find(id, Case.Float);
    return item === null ? fallback : <f32>item.number;
  }

  text(id: string, fallback: string = ''): string {
    const item = this.find(id, Case.Text);
    return item === null ? fallback : item.text;
  }

  /** The chosen option of a dropdown. */
  dropdown(id: string, fallback: string = ''): string {
    const item = this.find(id, Case.Dropdown);
    return item === null ? fallback : item.text;
  }

  /** Paths of files; empty by default. */
  files(id: string): string[] {
    const item = this.find(id, Case.Files);
    return item === null ? [] : item.texts;
  }

  /** Paths of directories; empty by default. */
  directories(id: string): string[] {
    const item = this.find(id, Case.Directories);
    return item === null ? [] : item.texts;
  }

  /** Reads the list that the host passed to `init`. Of two values with one id the last one counts. */
  static load(list: usize, count: i32): Config {
    const config = new Config();
    for (let i = 0; i < count; i++) {
      const at = list + <usize>i * ITEM_BYTES;
      const item = new Item(load<u8>(at, 8));
      switch (item.valueCase) {
        case Case.Boolean:
          item.number = load<u8>(at, 12);
          break;
        case Case.Integer:
          item.number = load<i32>(at, 12);
          break;
        case Case.Float:
          item.number = load<f32>(at, 12);
          break;
        case Case.Text:
        case Case.Dropdown:
          item.text = loadText(at + 12);
          break;
        default:
          item.texts = loadTexts(at + 12);
      }
      config.items.set(loadText(at), item);
    }
    return config;
  }

  private find(id: string, valueCase: i32): Item | null {
    if (!this.items.has(id)) return null;
    const item = this.items.get(id);
    return item.valueCase == valueCase ? item : null;
  }
}
