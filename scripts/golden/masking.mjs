/** What differs from run to run of the same program is masked, and everything else is kept. */
import { createHash } from 'node:crypto';

/** What a program says: errors, accounts, lists of plugins. */
export function maskedWords(text, replaced) {
  return (
    maskedPaths(text, replaced)
      .replace(/(?:^[ \t]+at .*\n?)+/gm, '    at <stack>\n')
      .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?/g, '<time>')
      .replace(/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, '<uuid>')
      .replace(/("(?:durationMs|bytesPerSecond|\w*[tT]ime\w*|\w*At)": ?)-?\d+(?:\.\d+)?/g, '$1<number>')
      .replace(/"bottleneck":\{[^}]*\},/g, '')
      .replace(/^ {2}bottleneck: .*\n/gm, '')
      .replace(/\b\d[\d.,]* (?:[kMG]i?B|bytes?)\/s/g, '<rate>')
      .replace(/\b\d+(?:\.\d+)? ?(?:ns|µs|us|ms|s|min|h)\b/g, '<duration>')
      // In the name of a quarantine file: it changes with the tools that build the plugin.
      .replace(/-[0-9a-f]{12}(?=-at-\d)/g, '-<hash>')
      // How many of the restarts fall into one record depends on time, and each record counts as one error.
      .replace(/("errors":\{)([^}]*)\}/g, (_, start, counts) => `${start}${counts.replace(/:\d+/g, ':<count>')}}`)
      .replace(/^( +ERR_\w+: )[\d,]+(?=, the first)/gm, '$1<count>')
  );
}

/** What is said while plugins run comes over several channels: its order, and how often something is said again, depend on time. */
export function maskedOrder(text) {
  return [...new Set(text.split('\n'))].sort().join('\n');
}

/** What items say is masked by nothing but paths: their texts have times and durations of their own. */
export function maskedPaths(text, replaced) {
  return replaced.reduce((masked, [path, name]) => masked.replaceAll(path, name), text);
}

export function hashOf(content) {
  return createHash('sha256').update(content).digest('hex').slice(0, 24);
}
