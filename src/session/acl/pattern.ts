/**
 * A glob pattern of a rule, made ready to be asked at every command: what most people write, a prefix and a star or a
 * plain name, is compared byte by byte; the rest goes through the glob matcher.
 */
import { byteAt } from '#memory/bytes.ts';
import { globMatch } from '#types/glob.ts';

const asterisk = 0x2a;

export class Pattern {
  /** A byte string. */
  readonly text: string;
  private readonly bytes: Buffer;
  /** How many bytes come before the star at the end; -1 where it is not of that form. */
  private readonly prefixLength: number;

  constructor(text: string) {
    this.text = text;
    this.bytes = Buffer.from(text, 'latin1');
    const last = this.bytes.length - 1;
    const isPrefix =
      last > 0 && this.bytes[last] === asterisk && !/[*?[\\]/.test(text.slice(0, -1));
    this.prefixLength = isPrefix ? last : -1;
  }

  matches(bytes: Buffer, at: number, length: number): boolean {
    const { prefixLength, bytes: pattern } = this;
    if (prefixLength < 0) return globMatch(pattern, 0, pattern.length, bytes, at, length, false);
    if (length < prefixLength) return false;
    for (let i = 0; i < prefixLength; i++) {
      if (byteAt(bytes, at + i) !== byteAt(pattern, i)) return false;
    }
    return true;
  }
}
