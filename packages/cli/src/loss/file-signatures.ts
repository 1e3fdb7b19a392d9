/**
 * Files that are no plain text, known by what they begin with, and what to do to read them. It is said only of input that a parser
 * made little of: there are parsers for some of them. docs/encodings.md says the same to people who look it up.
 */

/** How a file is named on a command line, and how messages name it. */
export interface NamedInput {
  /** In messages. */
  readonly name: string;
  /** Path of a file; undefined of standard input. */
  readonly path: string | undefined;
}

interface Signature {
  /** Position of the bytes in the file. Default 0. */
  readonly at?: number;
  /** Any of these. */
  readonly bytes: readonly string[];
  /** Behind the name of the input. */
  readonly is: string;
  /** Whether parsers may be made for such files. Those that are not are unpacked or converted before they are parsed. */
  readonly forParsers?: boolean;
  readonly advice: (input: NamedInput) => string;
}

/** Bytes as hexadecimal digits. Those that are longer come first where one begins like another. */
const SIGNATURES: readonly Signature[] = [
  { bytes: ['04224d18'], is: 'is compressed with lz4', advice: unpackedWith('lz4cat') },
  { bytes: ['504b0304', '504b0506'], is: 'is a ZIP archive', advice: unpackedWith('unzip -p') },
  { bytes: ['377abcaf271c'], is: 'is a 7z archive', advice: unpackedWith('7z x -so') },
  { at: 257, bytes: [hex('ustar')], is: 'is a tar archive', advice: unpackedWith('tar -xOf') },
  { bytes: ['fffe0000', '0000feff'], is: 'is text in UTF-32', advice: convertedFrom('UTF-32') },
  {
    bytes: ['fffe', 'feff'],
    is: 'is text in UTF-16',
    advice: () => "string-parser reads it with '--config encoding=utf-16'",
  },
  {
    bytes: [hex('DLT\x01'), hex('DLT\x02')],
    is: 'is a DLT file',
    forParsers: true,
    advice: () => "dlt-parser reads it: '--parser dlt-parser'",
  },
  {
    bytes: ['d4c3b2a1', 'a1b2c3d4', '4d3cb2a1', 'a1b23c4d', '34cdb2a1', 'a1b2cd34'],
    is: 'is a capture of network packets (pcap)',
    advice: payloadOf,
  },
  {
    bytes: ['0a0d0d0a'],
    is: 'is a capture of network packets (pcapng)',
    advice: payloadOf,
  },
  {
    bytes: [hex('LPKSHHRH')],
    is: 'is a journal of systemd',
    forParsers: true,
    advice: ({ path }) => `print it first: ${piped(`journalctl --file ${argument(path)}`)}`,
  },
  { bytes: [hex('ElfFile\0')], is: 'is an event log of Windows (EVTX)', forParsers: true, advice: parserFor('EVTX') },
  {
    bytes: ['7f454c46'],
    is: 'is a program, a library or a core dump (ELF)',
    forParsers: true,
    advice: () => 'it is no log',
  },
];

/**
 * What is known of a file by its first bytes, 262 or more for all of them.
 * @param mostlyLost whether the parser made so little of it that it cannot be the one for such files
 * @returns undefined when it is of none of these formats
 */
export function signatureAdvice(head: Uint8Array, input: NamedInput, mostlyLost: boolean): string | undefined {
  const digits = Buffer.from(head).toString('hex');
  const known = SIGNATURES.find(({ at = 0, bytes }) => bytes.some((start) => digits.startsWith(start, 2 * at)));
  if (known === undefined || (known.forParsers === true && !mostlyLost)) return undefined;
  return `${input.name} ${known.is}: ${known.advice(input)}`;
}

function unpackedWith(command: string): Signature['advice'] {
  return ({ path }) => (path === undefined ? `put '${command}' in front` : piped(`${command} ${argument(path)}`));
}

function convertedFrom(encoding: string): Signature['advice'] {
  return ({ path }) => {
    const command = `iconv -f ${encoding} -t UTF-8`;
    return path === undefined ? `put '${command}' in front` : piped(`${command} ${argument(path)}`);
  };
}

function payloadOf({ path }: NamedInput): string {
  // As in a URL.
  const file = path === undefined ? '-' : path.replaceAll('%', '%25').replaceAll('?', '%3F');
  return `read what was sent in them: chipmunk-host ingest ${argument(`pcap:${file}`)}`;
}

function parserFor(format: string): Signature['advice'] {
  return () => `that takes a parser plugin for ${format}; 'chipmunk-host plugins list' shows those that are there`;
}

function piped(command: string): string {
  return `${command} | chipmunk-host ingest -`;
}

/** A path as shells read it. */
function argument(path = 'FILE'): string {
  const plain = path.startsWith('-') ? `./${path}` : path;
  return /^[\w./:@%+=,-]+$/.test(plain) ? plain : `'${plain.replaceAll("'", "'\\''")}'`;
}

function hex(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex');
}
