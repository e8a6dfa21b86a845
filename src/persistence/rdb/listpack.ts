/**
 * Listpacks, Redis's small lists, hashes and sorted sets since 7.0, and the nodes of its streams:
 *
 *     0   total bytes   4 bytes
 *     4   count         2 bytes, 65535 = many: to be counted
 *     6   elements      each an encoding, its data, and how long both are, readable from behind
 *         255
 *
 *     0nnnnnnn                          integer of 7 bits, unsigned
 *     10nnnnnn                          text of n bytes
 *     110nnnnn nnnnnnnn                 integer of 13 bits
 *     1110nnnn nnnnnnnn                 text of n bytes
 *     11110000 and 4 bytes              text of as many bytes
 *     11110001 to 11110100              integer in the next 2, 3, 4 or 8 bytes
 *
 * The length from behind has 7 bits in each of 1 to 5 bytes, the highest first; all but the first are marked by their 8th bit.
 */
import { byteAt } from '#memory/bytes.ts';
import { PackedRun } from './packed.ts';
import { check } from './rdb-error.ts';

export const listpackHeaderBytes = 6;
export const listpackEnd = 255;
export const listpackCountUnknown = 65535;

const badBackLength = 'an element of a listpack ends with another length than it has';

/** How many bytes say from behind that an element has `length` bytes. */
export function backLengthBytes(length: number): number {
  if (length < 128) return 1;
  // Redis takes a byte more than it needs for the longest of each.
  if (length < 16383) return 2;
  if (length < 2097151) return 3;
  return length < 268435455 ? 4 : 5;
}

export class Listpack extends PackedRun {
  protected override begin(): void {
    const { bytes, start, end } = this;
    const length = end - start;
    check(length > listpackHeaderBytes, 'a listpack has no room for its header');
    check(bytes.readUInt32LE(start) === length, 'a listpack has another size than it says');
    check(byteAt(bytes, end - 1) === listpackEnd, 'a listpack does not end with its mark');
    this.at = start + listpackHeaderBytes;
  }

  override next(): boolean {
    const startAt = this.at;
    const mark = this.takeByte();
    if (mark === listpackEnd) {
      this.at = startAt;
      return false;
    }
    this.takeElement(mark);
    this.checkBackLength(this.at - startAt);
    return true;
  }

  private takeElement(mark: number): void {
    if (mark < 0x80) this.setInteger(mark);
    else if (mark < 0xc0) this.takeText(mark & 0x3f);
    else if (mark < 0xe0) this.setInteger((((mark & 0x1f) << 27) >> 19) | this.takeByte());
    else if (mark < 0xf0) this.takeText(((mark & 15) << 8) | this.takeByte());
    else this.takeLongElement(mark);
  }

  private takeLongElement(mark: number): void {
    switch (mark) {
      case 0xf0:
        this.need(4);
        this.at += 4;
        this.takeText(this.bytes.readUInt32LE(this.at - 4));
        break;
      case 0xf1:
        this.takeInteger(2);
        break;
      case 0xf2:
        this.takeInteger(3);
        break;
      case 0xf3:
        this.takeInteger(4);
        break;
      default:
        check(mark === 0xf4, 'an element of a listpack has an unknown encoding');
        this.takeInteger(8);
    }
  }

  /** Goes over the length that follows an element of `length` bytes, which has to be that. */
  private checkBackLength(length: number): void {
    const count = backLengthBytes(length);
    this.need(count);
    if (count === 1) {
      check(byteAt(this.bytes, this.at++) === length, badBackLength);
      return;
    }
    let said = 0;
    for (let i = 0; i < count; i++) {
      const byte = byteAt(this.bytes, this.at++);
      check(byte >= 128 === i > 0, 'an element of a listpack ends with no length');
      said = said * 128 + (byte & 127);
    }
    check(said === length, badBackLength);
  }

  protected override conclude(count: number): void {
    check(this.at === this.end - 1, 'a listpack ends before its size');
    const said = this.bytes.readUInt16LE(this.start + 4);
    check(said === count || said === listpackCountUnknown, 'a listpack miscounts its elements');
  }
}
