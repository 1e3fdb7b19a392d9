/** `plugins detect`: how well each parser reads the beginning of a file. */
import { type Detection, deserializeError, type ParserTrial } from '@chipmunk-host/manager';
import { ExitCode } from '../terminal/exit-code.js';
import { formatBytes, formatCount, formatShare } from '../terminal/quantities.js';
import { oneLine } from '../terminal/terminal-text.js';
import { printJson, printLine, printTable } from './command-output.js';
import { openManager, type PluginsOptions } from './manager-access.js';

/** Exit code: 1 when no parser can read the file. */
export async function runDetect(file: string, options: PluginsOptions): Promise<ExitCode> {
  await using manager = await openManager(options, { load: 'lazy', warns: true });
  const detection = await manager.detect({ file });
  const { ranking, best } = detection;
  if (options.json) {
    printJson({ ...detection, best: best?.name });
  } else {
    printTable(
      ['Parser', 'Readable', 'In columns', 'Items', 'Skipped', 'Errors', 'Failed with'],
      ranking.map((trial) => [
        oneLine(trial.name),
        formatShare(trial.readableShare),
        formatShare(trial.columnsShare),
        formatCount(trial.items, 'item'),
        formatBytes(trial.skippedBytes),
        String(trial.parseErrors),
        failure(trial),
      ]),
    );
    printLine(conclusion(detection));
  }
  return best === undefined ? ExitCode.failed : ExitCode.ok;
}

function conclusion({ best, sampleBytes }: Detection): string {
  const where = sampleBytes === 0 ? 'The file is empty' : `Of the first ${formatBytes(sampleBytes)}`;
  if (best === undefined) return `${where}, no parser reads half.`;
  if (sampleBytes === 0) return `${where}: '--parser detect' takes '${oneLine(best.name)}'.`;
  return `${where}, '${oneLine(best.name)}' reads the most: '--parser detect' takes it.`;
}

function failure({ error }: ParserTrial): string {
  return error === undefined ? '' : oneLine(deserializeError(error).message);
}
