/**
 * Encoders of the compact forms that Redis wrote in older versions and reads to this day: there is no server at hand that
 * would make them. They are held against redis-server, which takes them.
 */
import { RdbWriter } from '../writer.ts';

const pieces = (...parts: readonly Buffer[]) => Buffer.concat(parts);
const bytes = (...values: readonly number[]) => Buffer.from(values);

function little(value: number | bigint, size: number): Buffer {
  const all = Buffer.alloc(8);
  all.writeBigInt64LE(BigInt.asIntN(64, BigInt(value)));
  return all.subarray(0, size);
}

/** Digits that are some int64's only text, as it; else undefined. */
function integerOf(text: string): bigint | undefined {
  if (!/^(0|-?[1-9]\d{0,18})$/.test(text)) return undefined;
  const value = BigInt(text);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

function fits(value: bigint, bits: number): boolean {
  return BigInt.asIntN(bits, value) === value;
}

function ziplistData(text: string): Buffer {
  const value = integerOf(text);
  if (value !== undefined) {
    if (value >= 0n && value <= 12n) return bytes(0xf1 + Number(value));
    if (fits(value, 8)) return pieces(bytes(0xfe), little(value, 1));
    if (fits(value, 16)) return pieces(bytes(0xc0), little(value, 2));
    if (fits(value, 24)) return pieces(bytes(0xf0), little(value, 3));
    if (fits(value, 32)) return pieces(bytes(0xd0), little(value, 4));
    return pieces(bytes(0xe0), little(value, 8));
  }
  const raw = Buffer.from(text, 'latin1');
  const { length } = raw;
  if (length < 64) return pieces(bytes(length), raw);
  if (length < 16384) return pieces(bytes(0x40 | (length >> 8), length & 255), raw);
  return pieces(bytes(0x80), little(length, 4).reverse(), raw);
}

export function ziplistOf(elements: readonly string[]): Buffer {
  const parts: Buffer[] = [];
  let at = 10;
  let lastAt = at;
  for (const element of elements) {
    const before = at - lastAt;
    lastAt = at;
    const head = before < 254 ? bytes(before) : pieces(bytes(254), little(before, 4));
    const part = pieces(head, ziplistData(element));
    parts.push(part);
    at += part.length;
  }
  const count = Math.min(65535, elements.length);
  const header = pieces(little(at + 1, 4), little(lastAt, 4), little(count, 2));
  return pieces(header, ...parts, bytes(255));
}

/** `slack` bytes are unused behind each value. */
export function zipmapOf(elements: readonly string[], slack: number): Buffer {
  const parts = elements.map((element, index) => {
    const raw = Buffer.from(element, 'latin1');
    const length = raw.length < 254 ? bytes(raw.length) : pieces(bytes(254), little(raw.length, 4));
    if (index % 2 === 0) return pieces(length, raw);
    return pieces(length, bytes(slack), raw, Buffer.alloc(slack, 0x61));
  });
  return pieces(bytes(Math.min(254, elements.length / 2)), ...parts, bytes(255));
}

export function intsetOf(members: readonly string[]): Buffer {
  const values = members.map(BigInt).sort((a, b) => (a < b ? -1 : 1));
  const width = [2, 4].find((size) => values.every((value) => fits(value, size * 8))) ?? 8;
  const integers = values.map((value) => little(value, width));
  return pieces(little(width, 4), little(values.length, 4), ...integers);
}

/** A serialized value: its type, and strings, lengths and raw bytes as `write` writes them. */
export function serialized(type: number, write: (writer: RdbWriter) => void): Buffer {
  const writer = new RdbWriter();
  writer.byte(type);
  write(writer);
  return Buffer.from(writer.bytes.subarray(0, writer.length));
}
