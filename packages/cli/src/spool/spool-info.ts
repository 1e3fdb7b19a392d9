/** `show --info`: what is in a spool, without its rows. */
import { timeText } from '@chipmunk-host/batch';
import { type RenderOptions, readElement } from '@chipmunk-host/manager';
import type { SpoolError, SpoolReader } from '@chipmunk-host/spool';
import { printJson, printLine } from '../plugins/command-output.js';
import { ExitCode } from '../terminal/exit-code.js';
import { formatBytes, formatCount } from '../terminal/quantities.js';
import { oneLine } from '../terminal/terminal-text.js';

interface InputInfo {
  readonly number: number;
  name: string | null;
  rows: number;
  records: number;
  readonly firstOffset: number;
  endOffset: number;
}

/** As JSON has it. */
interface SpoolInfo {
  readonly directory: string;
  readonly parser: string | null;
  readonly columns: readonly string[];
  readonly firstRow: number;
  readonly endRow: number;
  readonly firstFrame: number;
  readonly endFrame: number;
  readonly bytes: number;
  readonly indexBytes: number;
  readonly firstTime: string | null;
  readonly lastTime: string | null;
  readonly inputs: readonly InputInfo[];
  readonly segments: readonly SegmentInfo[];
  readonly damage: readonly string[];
}

interface SegmentInfo {
  readonly file: string;
  readonly compressed: boolean;
  readonly firstRow: number;
  readonly endRow: number;
  readonly bytes: number;
  /** Behind the last whole frame. */
  readonly incompleteBytes: number;
  /** `whole`, or why it was made anew from the segment. */
  readonly index: string;
}

const NO_TIME = -(2n ** 63n);

/** Exit code: 1 when something is known to be damaged. */
export async function printSpoolInfo(reader: SpoolReader, directory: string, form: 'text' | 'json'): Promise<ExitCode> {
  const info = await infoOf(reader, directory);
  if (form === 'json') printJson(info);
  else for (const line of lines(info)) printLine(line);
  return info.damage.length > 0 ? ExitCode.failed : ExitCode.ok;
}

async function infoOf(reader: SpoolReader, directory: string): Promise<SpoolInfo> {
  const inputs = new Map<number, InputInfo>();
  const damage = reader.lost.map(
    ({ file, firstRow, endRow, why }) => `rows ${firstRow} to ${endRow - 1}: ${why} ('${file}')`,
  );
  let [firstTime, lastTime] = [NO_TIME, NO_TIME];
  for (const { entry } of reader.blocks()) {
    const { source, rows, records, offset, endOffset } = entry;
    const input = inputs.get(source);
    if (input === undefined) {
      const name = await nameOf(reader, entry.firstFrame, damage);
      inputs.set(source, { number: source, name, rows, records, firstOffset: offset, endOffset });
    } else {
      input.rows += rows;
      input.records += records;
      input.endOffset = endOffset;
    }
    if (entry.firstTime !== NO_TIME && (firstTime === NO_TIME || entry.firstTime < firstTime))
      firstTime = entry.firstTime;
    if (entry.lastTime > lastTime) lastTime = entry.lastTime;
  }
  const { about, firstRow, endRow, firstFrame, endFrame, indexBytes, segments } = reader;
  const { columns } = (about.renderOptions as RenderOptions | undefined) ?? {};
  return {
    directory,
    parser: about.parser ?? null,
    columns: columns?.columns.map(({ caption }) => caption) ?? [],
    firstRow,
    endRow,
    firstFrame,
    endFrame,
    bytes: segments.reduce((sum, { size }) => sum + size, 0),
    indexBytes,
    firstTime: timeOf(firstTime),
    lastTime: timeOf(lastTime),
    inputs: [...inputs.values()],
    segments: segments.map(({ name, header, end, size, indexState }) => ({
      file: name,
      compressed: header.compressed,
      firstRow: header.firstRow,
      endRow: end.row,
      bytes: size,
      incompleteBytes: size - end.position,
      index: indexState,
    })),
    damage,
  };
}

/** Of the input that a frame is from. */
async function nameOf(reader: SpoolReader, fromFrame: number, damage: string[]): Promise<string | null> {
  const onDamage = ({ message }: SpoolError) => damage.push(message);
  for await (const { bytes } of reader.frames({ fromFrame, onDamage })) return readElement(bytes).sourceName ?? null;
  return null;
}

function timeOf(time: bigint): string | null {
  return time === NO_TIME ? null : timeText(time);
}

function lines(info: SpoolInfo): readonly string[] {
  const { firstRow, endRow, bytes, indexBytes, parser, columns, inputs, segments, firstTime, lastTime, damage } = info;
  const rows = endRow > firstRow ? `${firstRow} to ${endRow - 1} (${formatCount(endRow - firstRow, 'row')})` : 'none';
  return [
    `Rows: ${rows}`,
    `Size: ${formatBytes(bytes)} in ${formatCount(segments.length, 'segment')}, index ${formatBytes(indexBytes)}`,
    ...(parser === null ? [] : [`Parser: ${oneLine(parser)}`]),
    ...(columns.length === 0 ? [] : [`Columns: ${columns.map(oneLine).join(', ')}`]),
    ...(firstTime === null ? [] : [`Times: ${firstTime} to ${lastTime}`]),
    ...inputs.map(({ number, name, rows, records, firstOffset, endOffset }) => {
      const lost = records === 0 ? '' : `, ${formatCount(records, 'record')}`;
      return `Input ${number}: ${name === null ? 'without a name' : oneLine(name)}, bytes ${firstOffset} to ${endOffset}, ${formatCount(rows, 'row')}${lost}`;
    }),
    ...segments
      .filter(({ incompleteBytes }) => incompleteBytes > 0)
      .map(
        ({ file, incompleteBytes }) =>
          `Incomplete: ${formatBytes(incompleteBytes)} at the end of ${file}, which is written, or was interrupted`,
      ),
    ...segments
      .filter(({ index }) => index !== 'whole' && index !== 'behind')
      .map(({ file, index }) => `Index of ${file}: ${index}; it was made anew from the segment`),
    ...damage.map((what) => `Damaged: ${what}`),
  ];
}
