const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** `12345` as `12,345`. */
export function formatCount(value: number): string {
  return whole.format(value);
}

/** A count with its word: `1 docket`, `2 dockets`. The plural is the singular with an `s` unless given. */
export function formatAmount(value: number, singular: string, plural = `${singular}s`): string {
  return `${formatCount(value)} ${value === 1 ? singular : plural}`;
}

/** Things per second, with a decimal where it matters: `3.4/s`, `12,345 dockets/s`. */
export function formatRate(perSecond: number, things?: string): string {
  const number = perSecond < 10 ? perSecond.toFixed(1) : formatCount(perSecond);
  return `${number}${things === undefined ? '' : ` ${things}`}/s`;
}

/** A duration in the unit a person would use: `12 ms`, `3.4 s`, `2 min 5 s`, `1 h 4 min`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) {
    return `${Math.round(ms)} ms`;
  }
  if (ms < 59_950) {
    return `${(ms / 1_000).toFixed(1)} s`;
  }
  const seconds = Math.round(ms / 1_000);
  return seconds < 3_600
    ? `${Math.floor(seconds / 60)} min ${seconds % 60} s`
    : `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} min`;
}

/** Time that is left, rounded up to whole seconds: `32 s`, `2 min 5 s`. */
export function formatTimeLeft(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1_000);
}

/** A point in time as ISO 8601 in UTC; a number that no date can hold, as it is. */
export function formatTime(msSince1970: number): string {
  const date = new Date(msSince1970);
  return Number.isNaN(date.getTime()) ? `${msSince1970} ms since 1970` : date.toISOString();
}

/** Heights from `from` to `to`, both inclusive: `7` or `7-9`. */
export function formatHeights(from: number, to: number): string {
  return from === to ? String(from) : `${from}-${to}`;
}

/** Bytes in the unit a person would use: `512 B`, `1.5 KiB`, `12.0 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_024) {
    return `${bytes} B`;
  }
  return bytes < 1_048_576 ? `${(bytes / 1_024).toFixed(1)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`;
}
