/**
 * A strict reader of Prometheus's text format 0.0.4, as https://prometheus.io/docs/instrumenting/exposition_formats/ has it, with the
 * conventions for names and units. What is not as it should be is thrown.
 */

export interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/;

export function parsePrometheus(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('The last line does not end.');
  const families = new Map<string, { type: string; help: string; samples: Sample[] }>();
  let current: { type: string; help: string; samples: Sample[] } | undefined;
  let name = '';
  const lines = text.slice(0, -1).split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const help = /^# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/.exec(line);
    if (help !== null) {
      const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(lines[++at] ?? '');
      name = help[1] ?? '';
      if (type?.[1] !== name) throw new Error(`No type behind '${line}'.`);
      if (families.has(name)) throw new Error(`The family ${name} comes twice.`);
      current = { type: type[2] ?? '', help: help[2] ?? '', samples: [] };
      families.set(name, current);
      continue;
    }
    if (current === undefined) throw new Error(`'${line}' is in no family.`);
    const sample = parseSample(line);
    const suffix = sample.name.slice(name.length);
    const suffixes = current.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    if (!sample.name.startsWith(name) || !suffixes.includes(suffix)) throw new Error(`'${line}' is not of ${name}.`);
    current.samples.push(sample);
  }
  for (const [family, { type, samples }] of families) requireConventions(family, type, samples);
  return families;
}

function parseSample(line: string): Sample {
  const parts = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
  if (parts === null) throw new Error(`'${line}' is no sample.`);
  const labels: Record<string, string> = {};
  for (let rest = parts[2] ?? ''; rest !== ''; ) {
    const label = LABEL.exec(rest);
    if (label === null) throw new Error(`'${rest}' are no labels.`);
    const [all, name = '', value = '', comma] = label;
    if (name in labels) throw new Error(`The label ${name} comes twice.`);
    labels[name] = value.replace(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign));
    rest = rest.slice(all.length);
    if (comma === ',' && rest === '') throw new Error(`A comma ends '${line}'.`);
  }
  const text = parts[3] ?? '';
  const value = text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text);
  if (!/^(?:\+Inf|[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)$/.test(text)) throw new Error(`'${text}' is no value.`);
  return { name: parts[1] ?? '', labels, value };
}

function requireConventions(name: string, type: string, samples: readonly Sample[]): void {
  if (samples.length === 0) throw new Error(`${name} has no samples.`);
  if ((type === 'counter') !== name.endsWith('_total')) throw new Error(`${name} is a ${type}.`);
  if (/millis|_ms(_|$)|_kib|_mib|_mb(_|$)/i.test(name)) throw new Error(`${name} is not in a base unit.`);
  if (/duration|under_way/.test(name) && !/_seconds(_total)?$/.test(name)) throw new Error(`${name} names no seconds.`);
  if (/memory|heap/.test(name) && !name.endsWith('_bytes')) throw new Error(`${name} names no bytes.`);
  if (type !== 'gauge' && samples.some(({ value }) => !(value >= 0))) throw new Error(`${name} is negative.`);
  const keys = samples.map((sample) => JSON.stringify([sample.name, Object.entries(sample.labels).sort()]));
  if (new Set(keys).size < keys.length) throw new Error(`${name} has a sample twice.`);
  if (type === 'histogram') requireHistogram(name, samples);
}

/** Cumulative buckets in order, up to all, with a sum and a count. */
function requireHistogram(name: string, samples: readonly Sample[]): void {
  const series = new Map<string, { ends: number[]; counts: number[]; count?: number; sum?: number }>();
  for (const { name: full, labels, value } of samples) {
    const { le, ...rest } = labels;
    const key = JSON.stringify(rest);
    const one = series.get(key) ?? { ends: [], counts: [] };
    series.set(key, one);
    if (full === `${name}_count`) one.count = value;
    else if (full === `${name}_sum`) one.sum = value;
    else {
      one.ends.push(le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le));
      one.counts.push(value);
    }
  }
  for (const { ends, counts, count, sum } of series.values()) {
    const inOrder = (list: readonly number[], strictly: boolean) =>
      list.every((value, at) => at === 0 || (list[at - 1] ?? 0) < value || (!strictly && list[at - 1] === value));
    if (!inOrder(ends, true) || !inOrder(counts, false)) throw new Error(`${name}: buckets are not in order.`);
    if (ends.at(-1) !== Number.POSITIVE_INFINITY || counts.at(-1) !== count)
      throw new Error(`${name}: +Inf is not all.`);
    if (sum === undefined) throw new Error(`${name} has no sum.`);
  }
}
