/** Whatever bytes come through, the items are those of the same bytes in a file: what tests of sources compare. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { IngestOptions, IngestSession } from '@chipmunk-host/hosts';
import type { CompiledComponent } from '@chipmunk-host/runtime';
import { keptPlugin } from '@chipmunk-host/test-plugins';
import { dltFile } from '../dlt-files.js';
import { compileKept, type Stage } from '../support.js';

/** Names each line with the number of the lines before it and a sum of their bytes: it shows when a parser started afresh. */
const SUMMING_PARSER = `
  import { Config, InitError, Input, Items, Parser, Version } from '@chipmunk-host/sdk/assembly';

  class Summing extends Parser {
    private lines: u32 = 0;
    private sum: u32 = 0;

    version(): Version {
      return new Version(1, 0, 0);
    }

    init(config: Config): InitError | null {
      return null;
    }

    parse(input: Input, out: Items): void {
      let line = input.start;
      for (let at = line; at < input.end && !out.full; at++) {
        this.sum = this.sum * 31 + load<u8>(at);
        if (load<u8>(at) != 10) continue;
        const text = String.UTF8.encode((this.lines++).toString() + ' ' + this.sum.toString());
        out.line(changetype<usize>(text), text.byteLength, at + 1 - line);
        line = at + 1;
        this.sum = 0;
      }
      this.sum = 0;
      if (line == input.start) out.incomplete();
    }
  }

  export function create(): Parser {
    return new Summing();
  }
`;

export type ParserName = 'string-parser' | 'dlt-parser' | 'summing';

const MIB = 1024 * 1024;

/** Parsers, and how many bytes come at once. */
export const EQUAL_CASES: readonly (readonly [ParserName, number])[] = (
  ['string-parser', 'dlt-parser', 'summing'] as const
).flatMap((parser) => [1, 1024, 10 * MIB].map((piece) => [parser, piece] as const));

export interface ParserCase extends Pick<IngestOptions, 'component' | 'config'> {
  /** With the bytes that are to be parsed. */
  readonly file: string;
}

/** By name, with a file for pieces of so many bytes: a small one when they are small. */
export function sourceParsers(stage: Stage): (name: ParserName, pieceBytes: number) => Promise<ParserCase> {
  const made = new Map<ParserName, Promise<CompiledComponent>>();
  return async (name, pieceBytes) => {
    const component = made.get(name) ?? componentOf(name);
    made.set(name, component);
    const bytes = contentOf(name, pieceBytes === 1 ? 3000 : pieceBytes === 1024 ? MIB : 11 * MIB);
    const config = name === 'string-parser' ? { config: { lossy: true } } : {};
    return { component: await component, file: await stage.input(bytes), ...config };
  };
}

async function componentOf(name: ParserName): Promise<CompiledComponent> {
  if (name === 'summing') return compileKept(await keptPlugin({ kind: 'parser', name, source: SUMMING_PARSER }));
  const require = createRequire(import.meta.url);
  return compileKept(readFileSync(require.resolve(`@chipmunk-host/${name}/${name}.wasm`)));
}

function contentOf(name: ParserName, bytes: number): Buffer {
  const parts: Buffer[] = [];
  if (name === 'dlt-parser') {
    const { bytes: file } = dltFile(7);
    for (let at = 0; at < bytes; at += file.length) parts.push(file);
  } else {
    let length = 0;
    for (let i = 0; length < bytes; i++) {
      const line = Buffer.from(i % 97 === 0 ? '\n' : `line ${i} ${'äb🐿'.repeat(i % 50)}\r\n`);
      parts.push(line);
      length += line.length;
    }
    parts.push(Buffer.from('the last one has no end'));
  }
  return Buffer.concat(parts);
}

/** All that a session makes of its input, as lines. */
export async function itemsOf(session: IngestSession): Promise<string[]> {
  const items: string[] = [];
  for await (const element of session) {
    if (element.type === 'batch')
      for (const { offset, length, columns, attachment } of element)
        items.push(`${offset} ${length} ${columns.join('|')} ${attachment?.name ?? ''}`);
    else if (element.type !== 'source') throw new Error(`a ${element.type}: ${JSON.stringify(element)}`);
  }
  const { status, bytes, skippedBytes } = session.summary;
  items.push(`${status} ${bytes} ${skippedBytes}`);
  return items;
}

/** Says where they differ, and does not print them all. */
export async function equalItems(session: IngestSession, expected: readonly string[]): Promise<void> {
  const items = await itemsOf(session);
  const at = expected.findIndex((item, index) => item !== items[index]);
  if (at >= 0) throw new Error(`item ${at} is ${items[at]}; expected ${expected[at]}`);
  if (items.length !== expected.length) throw new Error(`${items.length} items; expected ${expected.length}`);
}
