/** An access log to measure with: lines of about 230 bytes, as nginx writes them (combined), the same in every run. */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const AGENTS = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0 Safari/537.36',
  'Mozilla/5.0 (compatible; AhrefsBot/6.1; +http://ahrefs.com/robot/)',
  'curl/8.5.0',
  'Mozilla/5.0 (Linux; Android 6.0; ALE-L21 Build/HuaweiALE-L21) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/66.0 Mobile',
];
const REFERERS = ['-', 'https://example.com/m/filter/b113', 'https://www.example.org/search?q=a%20b'];

/** At least `bytes` bytes of whole lines. */
export function accessText(bytes: number): Buffer {
  const lines: string[] = [];
  let length = 0;
  for (let i = 0; length < bytes; i++) {
    const line = entry(i);
    lines.push(line);
    length += line.length;
  }
  return Buffer.from(lines.join(''));
}

function entry(i: number): string {
  const pick = (values: readonly string[], step: number) => values[(i * step) % values.length] as string;
  const date = new Date(1_760_000_000_000 + i * 130);
  const pad = (value: number) => String(value).padStart(2, '0');
  const clock = [date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(pad).join(':');
  const time = `${pad(date.getUTCDate())}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}:${clock} +0000`;
  const host = `${10 + (i % 200)}.${(i * 7) % 256}.${(i * 13) % 256}.${(i * 31) % 256}`;
  const path = `/filter/${i % 1000}/b${(i * 17) % 400},p${i % 50}?page=${i % 9}`;
  const status = i % 17 === 0 ? 404 : 200;
  return `${host} - - [${time}] "GET ${path} HTTP/1.1" ${status} ${(i * 2654435761) % 90000} "${pick(REFERERS, 5)}" "${pick(AGENTS, 7)}"\n`;
}
