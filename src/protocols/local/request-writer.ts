/** Makes requests of a program's values, in a buffer that is used again for each. */
import { Request } from '#commands/request.ts';

/** A word of a request: a text as UTF-8, bytes, or a number in decimal. */
export type Argument = string | Uint8Array | number | bigint;

const initialBytes = 16 * 1024;
/** A buffer grown beyond this is not kept. */
const keptBytesMax = 1024 * 1024;

export class RequestWriter {
  /** Valid until the next is written. */
  readonly request = new Request();
  private bytes = Buffer.alloc(initialBytes);

  /** Writes a request. Returns false where a word is longer than `wordBytesMax`. */
  write(words: readonly Argument[], wordBytesMax: number): boolean {
    this.makeRoom(words);
    const { request, bytes } = this;
    request.reset(bytes);
    let at = 0;
    for (const word of words) {
      const length = writeWord(bytes, at, word);
      if (length > wordBytesMax) return false;
      request.push(at, length);
      at += length;
    }
    return true;
  }

  private makeRoom(words: readonly Argument[]): void {
    let needed = 0;
    for (const word of words) needed += bytesMaxOf(word);
    if (needed <= this.bytes.length && this.bytes.length <= keptBytesMax) return;
    if (needed > this.bytes.length || needed <= initialBytes) {
      this.bytes = Buffer.alloc(Math.max(initialBytes, needed));
    }
  }
}

/** The most bytes a word may take. */
function bytesMaxOf(word: Argument): number {
  if (typeof word === 'string') return word.length * 3;
  return typeof word === 'object' ? word.length : String(word).length;
}

function writeWord(bytes: Buffer, at: number, word: Argument): number {
  if (typeof word === 'string') return bytes.write(word, at);
  if (typeof word !== 'object') return bytes.write(numberText(word), at, 'latin1');
  bytes.set(word, at);
  return word.length;
}

/** Redis's spelling of a number. */
function numberText(value: number | bigint): string {
  if (value === Number.POSITIVE_INFINITY) return 'inf';
  return value === Number.NEGATIVE_INFINITY ? '-inf' : String(value);
}
