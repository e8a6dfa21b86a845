/**
 * Ziplists, Redis's small lists, hashes and sorted sets before 7.0:
 *
 *     0    total bytes   4 bytes
 *     4    last          4 bytes: where the last element begins
 *     8    count         2 bytes, 65535 = many: to be counted
 *     10   elements      each with the length of the one before it, an encoding, and its data
 *          255
 *
 * The length of the one before is a byte below 254, or 254 and 4 bytes. Then:
 *
 *     00nnnnnn                          text of n bytes
 *     01nnnnnn nnnnnnnn                 text of n bytes
 *     10000000 and 4 bytes              text of as many bytes, the highest byte first
 *     11000000 11010000 11100000        integer in the next 2, 4 or 8 bytes
 *     11110000 11111110                 integer in the next 3 bytes or 1
 *     1111nnnn                          n - 1, for n from 1 to 13
 */
import { byteAt } from '#memory/bytes.ts';
import { PackedRun } from './packed.ts';
import { check } from './rdb-error.ts';

const headerBytes = 10;
const endMark = 255;
const countUnknown = 65535;
const longLength = 254;

export class Ziplist extends PackedRun {
  /** Where the current element begins. */
  private elementAt = 0;

  protected override begin(): void {
    const { bytes, start, end } = this;
    const length = end - start;
    check(length > headerBytes, 'a ziplist has no room for its header');
    check(bytes.readUInt32LE(start) === length, 'a ziplist has another size than it says');
    check(byteAt(bytes, end - 1) === endMark, 'a ziplist does not end with its mark');
    this.at = start + headerBytes;
    this.elementAt = this.at;
  }

  override next(): boolean {
    const startAt = this.at;
    let before = this.takeByte();
    if (before === endMark) {
      this.at = startAt;
      return false;
    }
    if (before === longLength) {
      this.need(4);
      this.at += 4;
      before = this.bytes.readUInt32LE(this.at - 4);
    }
    check(
      before === startAt - this.elementAt,
      'a ziplist is wrong about an element before another',
    );
    this.elementAt = startAt;
    this.takeElement(this.takeByte());
    return true;
  }

  private takeElement(mark: number): void {
    if (mark < 0x40) this.takeText(mark);
    else if (mark < 0x80) this.takeText(((mark & 0x3f) << 8) | this.takeByte());
    else if (mark === 0x80) {
      this.need(4);
      this.at += 4;
      this.takeText(this.bytes.readUInt32BE(this.at - 4));
    } else if (mark > 0xf0 && mark < 0xfe) this.setInteger((mark & 15) - 1);
    else this.takeMarkedInteger(mark);
  }

  private takeMarkedInteger(mark: number): void {
    switch (mark) {
      case 0xc0:
        this.takeInteger(2);
        break;
      case 0xd0:
        this.takeInteger(4);
        break;
      case 0xe0:
        this.takeInteger(8);
        break;
      case 0xf0:
        this.takeInteger(3);
        break;
      default:
        check(mark === 0xfe, 'an element of a ziplist has an unknown encoding');
        this.takeInteger(1);
    }
  }

  protected override conclude(count: number): void {
    const { bytes, start } = this;
    check(this.at === this.end - 1, 'a ziplist ends before its size');
    const said = bytes.readUInt16LE(start + 8);
    check(said === count || said === countUnknown, 'a ziplist miscounts its elements');
    const last = bytes.readUInt32LE(start + 4);
    check(last === this.elementAt - start, 'a ziplist does not know its last element');
  }
}
