/** Log lines to measure with: about 97 bytes each, the same in every run. */

const COMPONENTS = ['kernel', 'net.tcp', 'can.bus0', 'display', 'audio.mixer', 'nav.route', 'diag.uds', 'power'];
const LEVELS = ['INFO ', 'DEBUG', 'WARN ', 'INFO ', 'ERROR', 'INFO '];
const TEXTS = [
  'frame received from peer',
  'state changed to active, all services up',
  'timeout while waiting for acknowledge of request',
  'value out of range, using last known',
  'ok',
  'calibration table loaded from flash at offset 0x0001f400',
];

/** At least `bytes` bytes of whole lines. */
export function logText(bytes: number): Buffer {
  const chunks: string[] = [];
  let length = 0;
  for (let i = 0; length < bytes; i++) {
    const line = logLine(i);
    chunks.push(line);
    length += line.length;
  }
  return Buffer.from(chunks.join(''), 'latin1');
}

/** The same with a few letters that are not ASCII in each line. */
export function umlautText(bytes: number): Buffer {
  const text = logText(bytes)
    .toString('latin1')
    .replaceAll('received', 'empf\u00e4ngt')
    .replaceAll(' to ', ' f\u00fcr ');
  return Buffer.from(text.replaceAll('INFO ', 'H\u00d6R \u20ac'), 'utf8');
}

function logLine(i: number): string {
  const time = new Date(1_760_000_000_000 + i * 7).toISOString();
  const component = COMPONENTS[(i * 7) % COMPONENTS.length];
  const level = LEVELS[(i * 5) % LEVELS.length];
  const text = TEXTS[(i * 11) % TEXTS.length];
  return `${time} ${level} [${component}] ${text} (seq ${i}, id 0x${((i * 2_654_435_761) >>> 0).toString(16)})\n`;
}
