/** Figures as people read them. */

const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
const step = 1024;

/** Such as `3.2 MiB`. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= step && unit < binaryUnits.length - 1) {
    value /= step;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${binaryUnits[unit]}`;
}

/** Such as `1 234 567`. */
export function formatCount(count: number): string {
  return `${Math.round(count)}`.replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** A count with its noun: `1 key`, `2 keys`. */
export function countOf(count: number, noun: string): string {
  return `${formatCount(count)} ${noun}${count === 1 ? '' : 's'}`;
}
