/**
 * Zipmaps, Redis's small hashes before 2.6: fields and values, one after the other.
 *
 *     0   count      a byte: fields, 254 = many: to be counted
 *     1   elements   a length, after a value's also a byte of unused bytes, then the text, then the unused bytes
 *         255
 *
 * A length is a byte below 254, or 254 and 4 bytes.
 */
import { byteAt } from '#memory/bytes.ts';
import { PackedRun } from './packed.ts';
import { check } from './rdb-error.ts';

const endMark = 255;
const longLength = 254;
const countUnknown = 254;

export class Zipmap extends PackedRun {
  private isValue = false;

  protected override begin(): void {
    const { bytes, start, end } = this;
    check(end - start >= 2, 'a zipmap has no room for its header');
    check(byteAt(bytes, end - 1) === endMark, 'a zipmap does not end with its mark');
    this.at = start + 1;
    this.isValue = false;
  }

  override next(): boolean {
    const startAt = this.at;
    let length = this.takeByte();
    if (length === endMark) {
      this.at = startAt;
      return false;
    }
    if (length === longLength) {
      this.need(4);
      this.at += 4;
      length = this.bytes.readUInt32LE(this.at - 4);
    }
    const unused = this.isValue ? this.takeByte() : 0;
    this.takeText(length);
    this.need(unused);
    this.at += unused;
    this.isValue = !this.isValue;
    return true;
  }

  protected override conclude(count: number): void {
    check(this.at === this.end - 1, 'a zipmap ends before its size');
    check(!this.isValue, 'a zipmap has a field without a value');
    const said = byteAt(this.bytes, this.start);
    check(said >= countUnknown || said * 2 === count, 'a zipmap miscounts its fields');
  }
}
