/** Numbers as text: bytes, counts, durations, rates. */

const counts = new Intl.NumberFormat('en-US');
const decimals = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export function formatCount(value: number, unit: string): string {
  return `${counts.format(value)} ${unit}${value === 1 ? '' : 's'}`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return formatCount(bytes, 'byte');
  if (bytes < 1e6) return `${decimals.format(bytes / 1e3)} kB`;
  return bytes < 1e9 ? `${decimals.format(bytes / 1e6)} MB` : `${decimals.format(bytes / 1e9)} GB`;
}

/** Always in MB/s, so that figures can be compared at a glance. */
export function formatRate(bytesPerSecond: number): string {
  return `${decimals.format(bytesPerSecond / 1e6)} MB/s`;
}

export function formatDuration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

/** In whole minutes or seconds. @param seconds empty for what is no number: nothing was read yet */
export function formatTimeLeft(seconds: number): string {
  if (!Number.isFinite(seconds)) return '';
  const whole = Math.ceil(Math.max(seconds, 0));
  return whole < 120 ? `${whole} s left` : `${counts.format(Math.ceil(whole / 60))} min left`;
}

/** @param share from 0 to 1. Rounded down, so that 100 % is all of it. */
export function formatShare(share: number): string {
  return `${Math.floor(share * 100)} %`;
}
