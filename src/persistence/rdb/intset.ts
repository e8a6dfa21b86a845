/**
 * Intsets, Redis's small sets of integers: each once, in ascending order, all in as many bytes as the widest needs.
 *
 *     0   width      4 bytes: 2, 4 or 8
 *     4   count      4 bytes
 *     8   integers   `width` bytes each
 */
import { PackedRun } from './packed.ts';
import { check } from './rdb-error.ts';

const headerBytes = 8;

export class Intset extends PackedRun {
  private width: 2 | 4 | 8 = 2;

  protected override begin(): void {
    const { bytes, start, end } = this;
    const length = end - start;
    check(length >= headerBytes, 'an intset has no room for its header');
    const width = bytes.readUInt32LE(start);
    check(width === 2 || width === 4 || width === 8, 'an intset has an unknown width');
    const count = bytes.readUInt32LE(start + 4);
    check(length === headerBytes + count * width, 'an intset has another size than it says');
    this.width = width;
    this.at = start + headerBytes;
  }

  override next(): boolean {
    if (this.at === this.end) return false;
    const isFirst = this.at === this.start + headerBytes;
    const before = isFirst ? Number.NEGATIVE_INFINITY : this.toInteger();
    this.takeInteger(this.width);
    check(this.toInteger() > before, 'an intset is not in order');
    return true;
  }

  protected override conclude(): void {}
}
