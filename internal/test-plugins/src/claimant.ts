/**
 * A parser that claims of itself what it is told to claim. Building a plugin takes a second, so it is built once, and told by a
 * text in its binary that is overwritten in place.
 */
import { keptPlugin } from './kept-plugin.mjs';

/** What it can be told, with what it then claims or does when it is asked about itself. */
const CLAIMS = {
  nothing: '',
  schemas100: 'many(schemas, 100);',
  schemas101: 'many(schemas, 101);',
  id1024: "schemas.push(Schema.boolean('i'.repeat(1024), 'title'));",
  id1025: "schemas.push(Schema.boolean('i'.repeat(1025), 'title'));",
  sameIds: "schemas.push(Schema.boolean('twice', 'One')); schemas.push(Schema.text('twice', 'Two'));",
  title2048: "schemas.push(Schema.boolean('id', 't'.repeat(2048)));",
  title2049: "schemas.push(Schema.boolean('id', 't'.repeat(2049)));",
  // Bytes count, not letters: each of these has two.
  titleOfUmlauts: "schemas.push(Schema.boolean('id', '\\u00e4'.repeat(1025)));",
  description10240: "schemas.push(Schema.boolean('id', 'title').describe('d'.repeat(10240)));",
  description10241: "schemas.push(Schema.boolean('id', 'title').describe('d'.repeat(10241)));",
  defaultOf5MiB: "schemas.push(Schema.text('id', 'title', 'x'.repeat(5 * 1024 * 1024)));",
  columns100: 'columns = 100;',
  columns101: 'columns = 101;',
  caption2048: 'columns = 1; caption = 2048;',
  caption2049: 'columns = 1; caption = 2049;',
  columnDescription10240: 'columns = 1; description = 10240;',
  columnDescription10241: 'columns = 1; description = 10241;',
  allTypes:
    "schemas.push(Schema.boolean('b', 'B', true)); schemas.push(Schema.integer('i', 'I', -5)); " +
    "schemas.push(Schema.float('f', 'F', f32.NaN)); schemas.push(Schema.float('g', 'G', -Infinity)); " +
    "schemas.push(Schema.float('h', 'H', -0.0)); schemas.push(Schema.text('t', 'T', 'x')); " +
    "schemas.push(Schema.directories('d', 'D')); schemas.push(Schema.files('l', 'L', ['log', 'txt'])); " +
    "schemas.push(Schema.dropdown('o', 'O', ['one', 'two'], 'two').describe('Which'));",
  floats:
    "schemas.push(Schema.float('a', 'A', 1.55)); schemas.push(Schema.float('b', 'B', 0.1)); " +
    "schemas.push(Schema.float('c', 'C', f32.MAX_VALUE)); schemas.push(Schema.float('d', 'D', 16777216)); " +
    "schemas.push(Schema.float('e', 'E', <f32>1.17549435e-38)); schemas.push(Schema.float('f', 'F', <f32>1e-45));",
  logs: "log.error('an error'); log.warn('a warning'); log.info('some news'); log.debug('details');",
  traps: 'unreachable();',
  loops: 'while (true) {}',
} as const;

export type Claim = keyof typeof CLAIMS;

const NAMES = Object.keys(CLAIMS) as Claim[];
const MARKER = 'claim number ';

const SOURCE = `
  import {
    Column, Config, InitError, Input, Items, log, Parser, RenderOptions, Schema, Version,
  } from '@chipmunk-host/sdk/assembly';

  const TOLD = '${MARKER}00';
  let columns = 0;
  let caption = 1;
  let description = 1;

  function many(schemas: Schema[], count: i32): void {
    for (let i = 0; i < count; i++) schemas.push(Schema.integer('id' + i.toString(), 'title'));
  }

  class Claimant extends Parser {
    version(): Version {
      return new Version(1, 0, 0);
    }

    schemas(): Schema[] {
      const schemas: Schema[] = [];
      switch (I32.parseInt(TOLD.slice(${MARKER.length}))) {
        ${NAMES.map((name, number) => `case ${number}: { ${CLAIMS[name]} break; }`).join('\n        ')}
      }
      return schemas;
    }

    renderOptions(): RenderOptions | null {
      this.schemas();
      if (columns == 0) return null;
      const list: Column[] = [];
      for (let i = 0; i < columns; i++) list.push(new Column('c'.repeat(caption), 'd'.repeat(description)));
      return new RenderOptions(list);
    }

    init(config: Config): InitError | null {
      return null;
    }

    parse(input: Input, out: Items): void {
      out.line(input.start, input.end - input.start, input.end - input.start);
    }
  }

  export function create(): Parser {
    return new Claimant();
  }
`;

export async function buildClaimant(): Promise<Buffer> {
  return Buffer.from(await keptPlugin({ kind: 'parser', name: 'claimant', source: SOURCE, debug: true }));
}

/** A copy of the claimant that makes one claim. */
export function claiming(claimant: Uint8Array, claim: Claim): Buffer {
  const copy = Buffer.from(claimant);
  const at = copy.indexOf(Buffer.from(MARKER, 'utf16le'));
  if (at < 0) throw new Error('The claimant has no place for a claim.');
  const number = String(NAMES.indexOf(claim)).padStart(2, '0');
  copy.write(number, at + 2 * MARKER.length, 'utf16le');
  return copy;
}
