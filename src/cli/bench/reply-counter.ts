/** Counts whole replies in what a server sends, of any kind and wherever it is cut, without making values of them. */

const cr = '\r'.charCodeAt(0);
const lf = '\n'.charCodeAt(0);
const minus = '-'.charCodeAt(0);
const zero = '0'.charCodeAt(0);
const nine = '9'.charCodeAt(0);
const [array, set, push, map, attribute] = [...'*~>%|'].map((char) => char.charCodeAt(0));
const [bulk, bulkError, verbatim] = [...'$!='].map((char) => char.charCodeAt(0));
/** No type byte has come yet. */
const none = 0;

export class ReplyCounter {
  /** The first error among the replies, so far as it has come; '' while there was none. */
  error = '';
  private type = none;
  private number = 0;
  private isNegative = false;
  /** Bytes of a string that are still to come, with the end of its line. */
  private skipped = 0;
  /** Elements that the reply still lacks. */
  private left = 1;
  private isErrorOpen = false;

  /** Takes what has arrived. Returns how many replies are whole with it. */
  take(bytes: Uint8Array): number {
    let whole = 0;
    for (let at = 0; at < bytes.length; ) {
      if (this.skipped > 0) {
        const step = Math.min(this.skipped, bytes.length - at);
        at += step;
        this.skipped -= step;
        if (this.skipped === 0) whole += this.endElement(0);
        continue;
      }
      // In range: the loop's condition says so.
      const byte = bytes[at++] as number;
      if (byte === lf) whole += this.endLine();
      else this.takeByte(byte);
    }
    return whole;
  }

  private takeByte(byte: number): void {
    if (this.type === none) {
      this.type = byte;
      this.isErrorOpen = (byte === minus || byte === bulkError) && this.error === '';
    } else if (byte === minus) this.isNegative = true;
    else if (byte >= zero && byte <= nine) this.number = this.number * 10 + byte - zero;
    if (this.isErrorOpen && byte !== cr) this.error += String.fromCharCode(byte);
  }

  private endLine(): number {
    const { type, number, isNegative } = this;
    this.type = none;
    this.number = 0;
    this.isNegative = false;
    switch (type) {
      case bulk:
      case bulkError:
      case verbatim:
        if (isNegative) return this.endElement(0);
        this.skipped = number + 2;
        return 0;
      case array:
      case set:
      case push:
        return this.endElement(isNegative ? 0 : number);
      case map:
        return this.endElement(2 * number);
      case attribute:
        // What follows the attribute is the reply.
        return this.endElement(2 * number + 1);
      default:
        return this.endElement(0);
    }
  }

  /** An element has come that has so many others in it. Returns whether the reply is whole: 1 or 0. */
  private endElement(members: number): number {
    this.left += members - 1;
    if (this.left > 0) return 0;
    this.left = 1;
    return 1;
  }
}
