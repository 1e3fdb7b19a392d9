/**
 * AUTOSAR DLT (Diagnostic Log and Trace) to rows of eleven columns.
 *
 * A slice may end within a message. Its rest then begins the next slice, which is longer, unless the input has ended: then the same rest
 * is passed once more. So a slice as long as the rest that was left is the last one.
 */
import {
  Column,
  Config,
  InitError,
  Input,
  Items,
  Parser,
  RenderOptions,
  Schema,
  TextWriter,
  Version,
} from '@chipmunk-host/sdk/assembly';
import { DamageReport } from './damage-report';
import { FileTransfers } from './file-transfers';
import { Filter } from './filter';
import { Found, Framing } from './framing';
import { Message, STORAGE_PATTERN } from './message';
import { RowWriter } from './row';
import { RowWriter2 } from './row-2';
import { StrictReader, StrictResult } from './strict';

const LEVELS = ['all', 'fatal', 'error', 'warn', 'info', 'debug', 'verbose'];
const MEBIBYTE: usize = 0x100000;
const DEFAULT_TRANSFER_MEBIBYTES: i32 = 64;
const MOST_TRANSFER_MEBIBYTES: i32 = 1024;

class DltParser extends Parser {
  private readonly writer: TextWriter = new TextWriter();
  private readonly rows: RowWriter = new RowWriter(this.writer);
  private readonly rows2: RowWriter2 = new RowWriter2(this.writer, this.rows);
  private readonly message: Message = new Message();
  private framing: Framing = new Framing();
  private filter: Filter = new Filter();
  private isFiltered: bool = false;
  private transfers: FileTransfers = new FileTransfers(0);
  private report: DamageReport = new DamageReport();
  private strict: StrictReader | null = null;
  /** Bytes that the last call left because they hold no whole message; 0 when it left none, or when others are among them. */
  private pending: usize = 0;
  /** Bytes of input that were used up. */
  private position: u64 = 0;

  version(): Version {
    return new Version(0, 1, 0);
  }

  schemas(): Schema[] {
    const ids = 'Ids between commas. ID* means all that begin so, !ID leaves out. Empty: all.';
    return [
      Schema.dropdown('level', 'Lowest level', LEVELS, LEVELS[0]).describe(
        'The least grave level of log messages that are shown. Other messages are not affected.',
      ),
      Schema.text('applications', 'Applications').describe(ids),
      Schema.text('contexts', 'Contexts').describe(ids),
      Schema.text('ecus', 'ECUs').describe(ids),
      Schema.boolean('strict', 'Exactly as Chipmunk').describe(
        'Show the rows of Chipmunk, also where it loses messages or shows them wrongly. The README has a table of the differences.',
      ),
      Schema.integer('transfer-mebibytes', 'Memory for files', DEFAULT_TRANSFER_MEBIBYTES).describe(
        'MiB of memory for transferred files that are not complete yet. The oldest one is given up beyond that. 0: files are not collected.',
      ),
    ];
  }

  renderOptions(): RenderOptions | null {
    return new RenderOptions([
      new Column('Datetime', 'When the message was stored or received, in UTC', 150),
      new Column('ECUID', 'ECU id of the storage header', 20),
      new Column('VERS', 'Version of the protocol', 20),
      new Column('SID', 'Session id', 20),
      new Column('MCNT', 'Message counter', 20),
      new Column('TMS', 'Timestamp: tenths of milliseconds since the ECU was started', 20),
      new Column('EID', 'ECU id of the message', 20),
      new Column('APID', 'Application id', 20),
      new Column('CTID', 'Context id', 20),
      new Column('MSTP', 'Message type', 20),
      new Column('PAYLOAD', 'Payload', -1),
    ]);
  }

  init(config: Config): InitError | null {
    const filter = new Filter();
    const level = LEVELS.indexOf(config.dropdown('level', LEVELS[0]));
    if (level < 0) return InitError.config(`level: expected one of ${LEVELS.join(', ')}`);
    filter.level = level;
    const applications = filter.applications.add(config.text('applications'));
    if (applications !== null) return InitError.config(`applications: ${applications}`);
    const contexts = filter.contexts.add(config.text('contexts'));
    if (contexts !== null) return InitError.config(`contexts: ${contexts}`);
    const ecus = filter.ecus.add(config.text('ecus'));
    if (ecus !== null) return InitError.config(`ecus: ${ecus}`);
    const mebibytes = config.integer('transfer-mebibytes', DEFAULT_TRANSFER_MEBIBYTES);
    if (mebibytes < 0 || mebibytes > MOST_TRANSFER_MEBIBYTES) {
      return InitError.config(`transfer-mebibytes: expected 0 to ${MOST_TRANSFER_MEBIBYTES}, not ${mebibytes}`);
    }
    this.filter = filter;
    this.isFiltered = !filter.isEmpty;
    this.transfers.free();
    this.transfers = new FileTransfers(<usize>mebibytes * MEBIBYTE);
    this.framing = new Framing();
    this.report = new DamageReport();
    const strict = config.boolean('strict');
    this.rows.strict = strict;
    this.transfers.strict = strict;
    this.strict = strict ? new StrictReader() : null;
    this.pending = 0;
    this.position = 0;
    return null;
  }

  parse(input: Input, out: Items): void {
    this.writer.reset();
    const start = input.start;
    const end = input.end;
    if (start == end) {
      this.beginAnew(out);
      return;
    }
    const isLast = end - start == this.pending;
    const received: i64 = input.hasTimestamp ? <i64>input.timestamp : -1;
    const rest =
      this.strict === null
        ? this.takeMessages(start, end, isLast, received, out)
        : this.takeStrictly(start, end, isLast, received, out);
    this.position += rest - start;
    this.pending = out.full ? 0 : end - rest;
    if (isLast && rest == end) {
      this.report.flush();
      this.transfers.reportUnfinished();
    }
  }

  /**
   * The host asks by a slice without bytes whether what follows can be read without what came before, since another instance may have
   * read it already. If so, this one is as new.
   */
  private beginAnew(out: Items): void {
    const decides = this.framing.decides || this.rows.decides || this.rows2.decides || this.transfers.isOpen;
    if (decides || this.strict !== null) {
      out.incomplete();
      return;
    }
    this.report.flush();
    this.transfers.restart();
    this.framing = new Framing();
    this.pending = 0;
    this.position = 0;
  }

  /** Puts in all messages of the slice, or as many as one call should hold; returns where the rest begins. */
  private takeMessages(start: usize, end: usize, isLast: bool, received: i64, out: Items): usize {
    const framing = this.framing;
    const message = this.message;
    const rows = this.rows;
    /** Bytes before `at` that no item has yet. */
    let skipped: usize = 0;
    let at = start;
    while (at < end && !out.full) {
      const found = framing.find(at, end, isLast);
      if (found == Found.Wait) break;
      if (found == Found.Damage) {
        this.report.skipped(this.position + (at - start), framing.end - at);
        skipped += framing.end - at;
        at = framing.end;
        continue;
      }
      this.report.flush();
      if (framing.version == 2) {
        if (this.isFiltered && !this.filter.wants2(framing.message2, framing.storage2, framing.hasStorage ? at : 0)) {
          skipped += framing.end - at;
          at = framing.end;
          continue;
        }
        if (skipped != 0) {
          out.skip(skipped);
          skipped = 0;
        }
        this.rows2.storage = framing.storage2;
        this.rows2.write(out, framing.message2, framing.hasStorage ? at : 0, received, framing.end - at);
        this.transfers.pass();
        at = framing.end;
        continue;
      }
      message.read(at, framing.header, framing.end, framing.hasStorage);
      // The end of the input must not pass unnoticed while a transfer is open.
      if (framing.end == end && !isLast && this.transfers.isOpen) break;
      if (this.isFiltered && !this.wants(message)) {
        skipped += framing.end - at;
        at = framing.end;
        continue;
      }
      if (skipped != 0) {
        out.skip(skipped);
        skipped = 0;
      }
      rows.storage2 = framing.storage2;
      rows.begin(message, message.end);
      let next = message.end;
      if (rows.arguments.next < next && message.hasStorage && splitsAt(rows.arguments.next, next)) {
        next = rows.arguments.next;
      }
      rows.put(out, message, received, next - at);
      this.transfers.add(message, out);
      at = next;
    }
    if (skipped != 0) out.skip(skipped);
    return at;
  }

  private wants(message: Message): bool {
    return this.filter.wants(message, message.ecu != 0 ? message.ecu : message.hasStorage ? message.start + 12 : 0);
  }

  /** The same as Chipmunk takes them. */
  private takeStrictly(start: usize, end: usize, isLast: bool, received: i64, out: Items): usize {
    const reader = this.strict!;
    const message = this.message;
    let at = start;
    while (at < end && !out.full) {
      const result = reader.next(at, end, isLast, message, this.rows);
      if (result == StrictResult.Wait) break;
      if (result == StrictResult.Skip) {
        out.skip(reader.end - at);
        at = reader.end;
        continue;
      }
      if (this.isFiltered && !this.wants(message)) {
        out.skip(reader.end - at);
        at = reader.end;
        continue;
      }
      this.rows.put(out, message, received, reader.end - at);
      this.transfers.add(message, out);
      at = reader.end;
    }
    return at;
  }
}

/** Whether another message begins where the arguments of one end, so that its length is damaged. */
function splitsAt(at: usize, end: usize): bool {
  return at + 20 <= end && load<u32>(at) == STORAGE_PATTERN;
}

export function create(): Parser {
  return new DltParser();
}
