/** What instantiating a module or a component takes. Sums are plain numbers: what overflows is far over any limit. */
export interface Footprint {
  readonly coreInstances: number;
  readonly instances: number;
  readonly memories: number;
  /** Initial size of all memories, in pages of 64 KiB. */
  readonly memoryPages: number;
  readonly tables: number;
  /** Initial size of all tables. */
  readonly tableElements: number;
  /** Elements of all element segments: an instance holds a copy of each that it uses, in the JavaScript heap. */
  readonly elementEntries: number;
}

export const NOTHING: Footprint = {
  coreInstances: 0,
  instances: 0,
  memories: 0,
  memoryPages: 0,
  tables: 0,
  tableElements: 0,
  elementEntries: 0,
};

export function addFootprint(a: Footprint, b: Partial<Footprint>): Footprint {
  return {
    coreInstances: a.coreInstances + (b.coreInstances ?? 0),
    instances: a.instances + (b.instances ?? 0),
    memories: a.memories + (b.memories ?? 0),
    memoryPages: a.memoryPages + (b.memoryPages ?? 0),
    tables: a.tables + (b.tables ?? 0),
    tableElements: a.tableElements + (b.tableElements ?? 0),
    elementEntries: a.elementEntries + (b.elementEntries ?? 0),
  };
}
