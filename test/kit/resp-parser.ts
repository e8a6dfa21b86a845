/**
 * An incremental reader of RESP2 and RESP3 replies for tests: bytes go in as they come from the
 * socket, whole replies come out.
 *
 * It is strict on purpose: a length with a sign, a line that ends in a bare LF or an unknown type byte
 * throws, since a lenient reader would hide a server's mistake. A reply that is not all there yet is read
 * again from its start when more arrives; simple, and cheap for what tests send.
 */
import type { Reply } from './resp-reply.ts';

const initialCapacityBytes = 16 * 1024;
const cr = 0x0d;
const lf = 0x0a;

/** The server sent bytes that are not RESP. */
export class RespSyntaxError extends Error {
  override readonly name = 'RespSyntaxError';
}

/** Thrown inside the parser to unwind when bytes are missing; never leaves it. */
const incomplete = Symbol('incomplete');

/** Turns a byte stream into replies. */
export class RespParser {
  #buffer = Buffer.allocUnsafe(initialCapacityBytes);
  #start = 0;
  #end = 0;
  #position = 0;

  /** Adds bytes from the socket; they are copied. */
  push(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#buffer.length) this.#makeRoom(bytes.length);
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** The next whole reply, or undefined while it is incomplete. Throws `RespSyntaxError`. */
  next(): Reply | undefined {
    this.#position = this.#start;
    try {
      const reply = this.#reply();
      this.#start = this.#position;
      return reply;
    } catch (signal) {
      if (signal === incomplete) return undefined;
      throw signal;
    }
  }

  /** Bytes received that belong to no whole reply yet. */
  get pendingBytes(): number {
    return this.#end - this.#start;
  }

  #makeRoom(addedBytes: number): void {
    const pendingBytes = this.pendingBytes;
    const neededBytes = pendingBytes + addedBytes;
    const target =
      neededBytes * 2 > this.#buffer.length ? Buffer.allocUnsafe(neededBytes * 2) : this.#buffer;
    this.#buffer.copy(target, 0, this.#start, this.#end);
    this.#buffer = target;
    this.#start = 0;
    this.#end = pendingBytes;
  }

  #reply(): Reply {
    const line = this.#line();
    const rest = line.slice(1);
    switch (line[0]) {
      case '+':
        return { type: 'simple', text: rest };
      case '-':
        return { type: 'error', text: rest };
      case ':':
        return { type: 'int', value: this.#integer(rest) };
      case '$':
        if (rest === '-1') return { type: 'null', form: 'bulk' };
        return { type: 'bulk', bytes: this.#bytes(this.#length(rest)) };
      case '*':
        if (rest === '-1') return { type: 'null', form: 'array' };
        return { type: 'array', items: this.#items(this.#length(rest)) };
      case '_':
        if (rest !== '') throw new RespSyntaxError(`a null with content: ${line}`);
        return { type: 'null', form: 'resp3' };
      case '%':
        return { type: 'map', entries: this.#entries(this.#length(rest)) };
      case '~':
        return { type: 'set', items: this.#items(this.#length(rest)) };
      case '>':
        return { type: 'push', items: this.#items(this.#length(rest)) };
      case ',':
        return { type: 'double', text: rest };
      case '#':
        if (rest !== 't' && rest !== 'f') throw new RespSyntaxError(`not a boolean: ${line}`);
        return { type: 'bool', value: rest === 't' };
      case '=':
        return this.#verbatim(this.#length(rest));
      case '(':
        return { type: 'bigNumber', text: rest };
      case '!':
        return { type: 'bulkError', text: this.#bytes(this.#length(rest)).toString('latin1') };
      default:
        throw new RespSyntaxError(`unknown type byte in ${JSON.stringify(line)}`);
    }
  }

  #line(): string {
    const found = this.#buffer.indexOf(lf, this.#position);
    if (found < 0 || found >= this.#end) throw incomplete;
    const line = this.#buffer.toString('latin1', this.#position, found - 1);
    if (this.#buffer[found - 1] !== cr || line.includes('\r')) {
      throw new RespSyntaxError(`a line that does not end in CRLF: ${JSON.stringify(line)}`);
    }
    this.#position = found + 1;
    return line;
  }

  #integer(text: string): bigint {
    if (!/^(0|-?[1-9][0-9]*)$/.test(text)) throw new RespSyntaxError(`not an integer: ${text}`);
    return BigInt(text);
  }

  #length(text: string): number {
    if (!/^(0|[1-9][0-9]{0,9})$/.test(text)) throw new RespSyntaxError(`not a length: ${text}`);
    return Number(text);
  }

  #bytes(length: number): Buffer {
    const from = this.#position;
    if (from + length + 2 > this.#end) throw incomplete;
    if (this.#buffer[from + length] !== cr || this.#buffer[from + length + 1] !== lf) {
      throw new RespSyntaxError(`a bulk of ${length} bytes that does not end in CRLF`);
    }
    this.#position = from + length + 2;
    return Buffer.from(this.#buffer.subarray(from, from + length));
  }

  #verbatim(length: number): Reply {
    const content = this.#bytes(length);
    if (content[3] !== 0x3a) throw new RespSyntaxError('a verbatim string without its format');
    return {
      type: 'verbatim',
      format: content.toString('latin1', 0, 3),
      bytes: content.subarray(4),
    };
  }

  #items(count: number): Reply[] {
    const items: Reply[] = [];
    for (let index = 0; index < count; index++) items.push(this.#reply());
    return items;
  }

  #entries(count: number): [Reply, Reply][] {
    const entries: [Reply, Reply][] = [];
    for (let index = 0; index < count; index++) {
      const key = this.#reply();
      entries.push([key, this.#reply()]);
    }
    return entries;
  }
}
