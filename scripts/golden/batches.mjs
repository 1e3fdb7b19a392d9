/**
 * Reads the format `msgpack` with a plain decoder, as docs/batch-format.md describes it, and writes a line for each entry. Where one
 * batch ends and the next begins depends on time, so the lines do not tell it; how tables are laid out is told once for each form.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { hashOf } from './masking.mjs';

const TYPES = ['batch', 'gap', 'restart', 'source'];
const DIFFERENT = 0xffff_ffff;
const KINDS = ['skipped', 'line', 'columns', 'attachment', 'line+attachment', 'columns+attachment'];
/** The bit of a kind: the plugin joined the columns. */
const JOINED = 8;
const NO_TIME = -(2n ** 63n);
const SHOWN_CHARACTERS = 200;
const HEADER = 13;
const SOURCES = 15;
const FIELDS = 17;
const TABLES = {
  kinds: 17,
  consumed: 19,
  counts: 21,
  times: 23,
  textEnds: 25,
  unitEnds: 27,
  attachments: 29,
  text: 31,
};

/** @param {Buffer} bytes values, one behind the other */
export function describedBatches(bytes, root) {
  const { Unpackr } = createRequire(join(root, 'packages', 'cli', 'package.json'))('msgpackr');
  const unpackr = new Unpackr({ int64AsType: 'string', useRecords: false });
  const account = new Description();
  let described = 0;
  try {
    unpackr.unpackMultiple(bytes, (value, start, end) => {
      account.add(value, bytes, start);
      described = end;
    });
  } catch (error) {
    account.say(`not msgpack: ${error.message}`);
  }
  if (described < bytes.length) account.say(`rest ${hashOf(bytes.subarray(described))}`);
  return account.text();
}

class Description {
  #lines = [];
  #forms = new Set();
  #expected = 0;
  #restarts = 0;
  /** A skipped stretch that may go on in the next batch. */
  #skipped = { offset: 0, length: 0 };

  say(line) {
    this.#endSkipped();
    this.#lines.push(line);
  }

  add(value, bytes, start) {
    const [version, type] = Array.isArray(value) ? value : [];
    if (version !== 2 || TYPES[type] === undefined) this.say(`unknown value ${JSON.stringify(value)}`);
    else if (TYPES[type] === 'batch') this.#addBatch(value, bytes, start);
    else this.#addRecord(value);
  }

  text() {
    if (this.#restarts > 0) this.say(`restarts ${this.#restarts}`);
    this.#endSkipped();
    return [...[...this.#forms].sort(), ...this.#lines].map((line) => `${line}\n`).join('');
  }

  #addBatch(batch, bytes, start) {
    const [version, , , , , source, offset, length, entries, items, skipped] = batch;
    const told = { version, source, header: batch[HEADER], sources: batch[SOURCES] };
    this.#forms.add(
      `form ${JSON.stringify({ ...told, labels: labelsOf(batch), aligned: isAligned(batch, bytes, start) })}`,
    );
    this.#follows(Number(offset));
    const rows = rowsOf(batch);
    const sum = (of) => of.reduce((total, { consumed }) => total + consumed, 0);
    const counted = { entries: rows.length, items: rows.filter(({ kind }) => kind !== 0).length, length: sum(rows) };
    const counts = { entries, items, length: Number(length) };
    if (JSON.stringify(counted) !== JSON.stringify(counts))
      this.say(`a batch tells of ${JSON.stringify(counts)}, and has ${JSON.stringify(counted)}`);
    if (sum(rows.filter(({ kind }) => kind === 0)) !== Number(skipped)) this.say(`a batch tells of ${skipped} skipped`);
    for (const row of rows) this.#addRow(row);
  }

  #addRow({ kind, consumed, strings, time, attachment }) {
    if (kind === 0) {
      if (this.#skipped.length === 0) this.#skipped.offset = this.#expected;
      this.#skipped.length += consumed;
    } else {
      const joined = (kind & JOINED) === 0 ? '' : 'joined ';
      const name = `${joined}${KINDS[kind & ~JOINED] ?? kind}`;
      const at = time === undefined ? '' : ` at ${time}`;
      const content = attachment === undefined ? '' : ` ${JSON.stringify(attachment)}`;
      this.say(`${this.#expected}+${consumed} ${name}${at} ${JSON.stringify(strings.map(shortened))}${content}`);
    }
    this.#expected += consumed;
  }

  /** Restarts between two gaps are told together: into how many records they fall depends on time. */
  #addRecord(element) {
    const [, type, , , , source, offset, length] = element;
    const { restarts, ...fields } = element[FIELDS];
    this.#follows(Number(offset));
    this.#restarts += restarts;
    if (TYPES[type] === 'restart') return;
    this.say(`restarts ${this.#restarts}`);
    this.#restarts = 0;
    const record = { type: TYPES[type], source, offset: Number(offset), length: Number(length), ...fields };
    this.say(`record ${JSON.stringify(maskedRecord(record))}`);
    this.#expected += Number(length);
  }

  #follows(offset) {
    if (offset !== this.#expected) this.say(`offset ${offset} follows ${this.#expected}`);
    this.#expected = offset;
  }

  #endSkipped() {
    const { offset, length } = this.#skipped;
    this.#skipped.length = 0;
    if (length > 0) this.#lines.push(`${offset}+${length} skipped`);
  }
}

function labelsOf(batch) {
  return Object.values(TABLES).map((at) => batch[at - 1].trimEnd());
}

/** Whether each table of numbers begins at a multiple of 8 bytes from the start of its batch. */
function isAligned(batch, bytes, start) {
  return Object.entries(TABLES)
    .filter(([name]) => name !== 'attachments')
    .every(([, at]) => {
      const label = Buffer.from(batch[at - 1]);
      const found = bytes.indexOf(label, start);
      // The header of a `bin 32` takes 5 bytes.
      return (found + label.length + 5 - start) % 8 === 0;
    });
}

function rowsOf(batch) {
  const perEntry = batch[11];
  const kinds = batch[TABLES.kinds];
  const [consumed, counts, textEnds] = ['consumed', 'counts', 'textEnds'].map((name) => numbersOf(batch[TABLES[name]]));
  const times = batch[TABLES.times];
  const timeAt = (row) => (times.length === 0 ? NO_TIME : times.readBigInt64LE(8 * row));
  const attachments = new Map(batch[TABLES.attachments].map(({ entry, ...rest }) => [entry, described(rest)]));
  const text = batch[TABLES.text];
  const stringAt = (index) => text.toString('utf8', index === 0 ? 0 : textEnds[index - 1], textEnds[index]);
  return Array.from(kinds, (kind, row) => {
    const [first, end] =
      perEntry === DIFFERENT ? [counts[row - 1] ?? 0, counts[row]] : [row * perEntry, (row + 1) * perEntry];
    const strings = Array.from({ length: end - first }, (_, index) => stringAt(first + index));
    const time = timeAt(row) === NO_TIME ? undefined : timeAt(row);
    return { kind, consumed: consumed[row], strings, time, attachment: attachments.get(row) };
  });
}

function numbersOf(table) {
  return Array.from({ length: table.length / 4 }, (_, index) => table.readUInt32LE(4 * index));
}

function described({ data, ...attachment }) {
  return { ...attachment, data: `${data.length} bytes ${hashOf(data)}` };
}

function shortened(text) {
  return text.length > SHOWN_CHARACTERS ? `${text.length} characters ${hashOf(text)}` : text;
}

/** What an error says, and how much it took, is left out. */
function maskedRecord({ error, ...record }) {
  if (error === undefined) return record;
  const { message, stack, details, ...kept } = error;
  const said = { message: typeof message, stack: typeof stack };
  if (details === undefined) return { ...record, error: { ...kept, ...said } };
  const { durationMs, memoryBytes, lastLines, ...place } = details;
  const measured = { durationMs: typeof durationMs, memoryBytes: typeof memoryBytes, lastLines: typeof lastLines };
  return { ...record, error: { ...kept, ...said, details: { ...place, ...measured } } };
}
