/** What a run waited for: of several inputs, what the sessions waited for that took the longest. */
import type { Bottleneck, SessionMetrics } from '@chipmunk-host/manager';

export interface RunBottleneck {
  readonly is: Bottleneck;
  /** The part of the parsers' time that it took, from 0 to 1. */
  readonly share: number;
}

export class RunBottlenecks {
  /** For each, the parsers' time in such sessions, and the part of it that it took. In milliseconds. */
  readonly #times = new Map<Bottleneck, { readonly runMs: number; readonly takenMs: number }>();

  add({ bottleneck, parser }: SessionMetrics): void {
    if (bottleneck === undefined) return;
    const { runMs, outputMs, pluginMs, inputMs, hostMs } = parser.time;
    const taken = { consumer: outputMs, plugin: pluginMs, input: inputMs, host: hostMs }[bottleneck];
    const before = this.#times.get(bottleneck) ?? { runMs: 0, takenMs: 0 };
    this.#times.set(bottleneck, { runMs: before.runMs + runMs, takenMs: before.takenMs + taken });
  }

  /** Undefined when no session has run. */
  get worst(): RunBottleneck | undefined {
    const [worst] = [...this.#times].sort(([, a], [, b]) => b.runMs - a.runMs);
    if (worst === undefined) return undefined;
    const [is, { runMs, takenMs }] = worst;
    return { is, share: runMs === 0 ? 0 : Math.round((takenMs / runMs) * 1000) / 1000 };
  }
}

export function bottleneckLine({ is, share }: RunBottleneck): string {
  const percent = `${Math.round(share * 100)} %`;
  return `bottleneck: ${WORDS[is](percent)}`;
}

const WORDS: Readonly<Record<Bottleneck, (percent: string) => string>> = {
  consumer: (percent) => `the output; the parser waited for it for ${percent} of its time`,
  plugin: (percent) => `the parser, whose plugin ran for ${percent} of its time`,
  input: (percent) => `the input; the parser read it, or waited for it, for ${percent} of its time`,
  host: (percent) => `the host, which took over items for ${percent} of the parser's time`,
};
