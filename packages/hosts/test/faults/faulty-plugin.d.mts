export function faultyPlugin(): Promise<Uint8Array>;
