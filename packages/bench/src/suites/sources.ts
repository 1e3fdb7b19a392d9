/** Built-in sources through a session, each beside the barest way to get the same bytes. A source has a file with its cases. */
import { followCase } from '../follow-case.js';
import { gzipCase } from '../gzip-case.js';
import { idleCases } from '../idle-cases.js';
import { pcapCases } from '../pcap-cases.js';
import { processCase } from '../process-case.js';
import { socketCases } from '../socket-cases.js';
import { openSourceStage, type SourceStage } from '../source-stage.js';
import type { OpenedSuite, Suite } from '../suite.js';

const CASES: readonly ((stage: SourceStage) => Promise<OpenedSuite>)[] = [
  socketCases,
  processCase,
  gzipCase,
  followCase,
  idleCases,
  pcapCases,
];

export const sources: Suite = {
  name: 'sources',
  description: 'built-in sources -> plugin in a worker -> items on the main thread, undecoded',
  async open() {
    const stage = await openSourceStage();
    const opened: OpenedSuite[] = [];
    for (const open of CASES) opened.push(await open(stage));
    return {
      cases: opened.flatMap(({ cases }) => cases),
      skippedCases: opened.flatMap(({ skippedCases = [] }) => skippedCases),
      async close() {
        for (const one of opened) await one.close();
        await stage.close();
      },
    };
  },
};
