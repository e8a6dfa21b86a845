/** What a section of INFO is, and how its values are written. */
import type { Context } from '../../context.ts';

/** A field's name and its value as text. */
export type Field = readonly [name: string, value: string | number];

export interface Section {
  /** What INFO is asked for, in lower case. */
  readonly name: string;
  /** Its heading. */
  readonly title: string;
  /** Shown without being asked for. */
  readonly isDefault: boolean;
  /** Its lines, in Redis's order. */
  fields(context: Context): Iterable<Field>;
}

const units = ['B', 'K', 'M', 'G', 'T', 'P', 'E'];

/** Bytes as people read them, as Redis does: 512B, 1.50K, 2.00G. */
export function humanBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${Math.round(value)}B` : `${value.toFixed(2)}${units[unit]}`;
}

/** `part` of `whole` with two decimals; 0 where the whole is. */
export function ratio(part: number, whole: number, factor = 1): string {
  return (whole === 0 ? 0 : (part / whole) * factor).toFixed(2);
}
