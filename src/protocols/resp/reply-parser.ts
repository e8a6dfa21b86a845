/**
 * An incremental reader of RESP2 and RESP3 replies, for clients: bytes go in as they come from the
 * socket, whole replies come out.
 *
 * It is strict on purpose: a length with a sign, a line that ends in a bare LF or an unknown type byte
 * throws, since a lenient reader would hide a server's mistake. What is open when bytes run out (arrays within arrays) stays
 * on a stack, so a reply of any size is read once. Attributes are read and left out.
 */
import type { Reply } from './reply.ts';

const initialCapacityBytes = 16 * 1024;
/** Deeper than any command answers, and shallow enough to walk by recursion. */
const depthMax = 512;
const cr = 0x0d;
const lf = 0x0a;

/** The server sent bytes that are not RESP. */
export class RespSyntaxError extends Error {
  override readonly name = 'RespSyntaxError';
}

/** A reply of several, some of which are still to come. */
interface Aggregate {
  readonly type: 'array' | 'set' | 'push' | 'map' | 'attribute';
  left: number;
  readonly items: Reply[];
}

/** Turns a byte stream into replies. */
export class ReplyParser {
  #buffer = Buffer.allocUnsafe(initialCapacityBytes);
  #start = 0;
  #end = 0;
  /** Where the reading is; `#start` follows once something is whole. */
  #position = 0;
  readonly #open: Aggregate[] = [];

  /** Adds bytes from the socket; they are copied. */
  push(bytes: Uint8Array): void {
    if (this.#end + bytes.length > this.#buffer.length) this.#makeRoom(bytes.length);
    this.#buffer.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** The next whole reply, or undefined while it is incomplete. Throws `RespSyntaxError`. */
  next(): Reply | undefined {
    for (;;) {
      this.#position = this.#start;
      const line = this.#line();
      if (line === undefined) return undefined;
      const element = this.#element(line);
      if (element === undefined) return undefined;
      this.#start = this.#position;
      const reply = this.#complete(element);
      if (reply !== undefined) return reply;
    }
  }

  /** Bytes received that belong to no whole reply yet, those of an open aggregate's members left out. */
  get pendingBytes(): number {
    return this.#end - this.#start;
  }

  /** Whether part of a reply is here and the rest is not. */
  get isInReply(): boolean {
    return this.pendingBytes > 0 || this.#open.length > 0;
  }

  #makeRoom(addedBytes: number): void {
    const { pendingBytes } = this;
    const neededBytes = pendingBytes + addedBytes;
    const target =
      neededBytes * 2 > this.#buffer.length ? Buffer.allocUnsafe(neededBytes * 2) : this.#buffer;
    this.#buffer.copy(target, 0, this.#start, this.#end);
    this.#buffer = target;
    this.#start = 0;
    this.#end = pendingBytes;
  }

  /** The aggregate is opened if it has members, else a reply; undefined if bytes are missing. */
  #element(line: string): Reply | Aggregate | undefined {
    const rest = line.slice(1);
    switch (line[0]) {
      case '*':
        if (rest === '-1') return { type: 'null', form: 'array' };
        return { type: 'array', left: lengthOf(rest), items: [] };
      case '~':
        return { type: 'set', left: lengthOf(rest), items: [] };
      case '>':
        return { type: 'push', left: lengthOf(rest), items: [] };
      case '%':
        return { type: 'map', left: 2 * lengthOf(rest), items: [] };
      case '|':
        return { type: 'attribute', left: 2 * lengthOf(rest), items: [] };
      case '$':
        if (rest === '-1') return { type: 'null', form: 'bulk' };
        return this.#ofBytes(rest, (bytes) => ({ type: 'bulk', bytes }));
      case '!':
        return this.#ofBytes(rest, (bytes) => ({
          type: 'bulkError',
          text: bytes.toString('latin1'),
        }));
      case '=':
        return this.#ofBytes(rest, verbatim);
      default:
        return scalar(line, rest);
    }
  }

  /** Puts an element where it belongs. Returns the reply that is whole with it, if one is. */
  #complete(element: Reply | Aggregate): Reply | undefined {
    let whole: Reply;
    if (!('left' in element)) whole = element;
    else if (element.left > 0) {
      if (this.#open.length === depthMax) throw new RespSyntaxError('a reply is nested too deep');
      this.#open.push(element);
      return undefined;
    } else {
      const empty = close(element);
      if (empty === undefined) return undefined;
      whole = empty;
    }
    for (let parent = this.#open.at(-1); parent !== undefined; parent = this.#open.at(-1)) {
      parent.items.push(whole);
      if (--parent.left > 0) return undefined;
      this.#open.pop();
      const closed = close(parent);
      if (closed === undefined) return undefined;
      whole = closed;
    }
    return whole;
  }

  #line(): string | undefined {
    const found = this.#buffer.subarray(0, this.#end).indexOf(lf, this.#position);
    if (found < 0) return undefined;
    const line = this.#buffer.toString('latin1', this.#position, found - 1);
    if (this.#buffer[found - 1] !== cr || line.includes('\r')) {
      throw new RespSyntaxError(`a line that does not end in CRLF: ${JSON.stringify(line)}`);
    }
    this.#position = found + 1;
    return line;
  }

  #ofBytes(length: string, reply: (bytes: Buffer) => Reply): Reply | undefined {
    const bytes = this.#bytes(lengthOf(length));
    return bytes === undefined ? undefined : reply(bytes);
  }

  #bytes(length: number): Buffer | undefined {
    const from = this.#position;
    if (from + length + 2 > this.#end) return undefined;
    if (this.#buffer[from + length] !== cr || this.#buffer[from + length + 1] !== lf) {
      throw new RespSyntaxError(`a bulk of ${length} bytes that does not end in CRLF`);
    }
    this.#position = from + length + 2;
    return Buffer.from(this.#buffer.subarray(from, from + length));
  }
}

function lengthOf(text: string): number {
  if (!/^(0|[1-9][0-9]{0,9})$/.test(text)) throw new RespSyntaxError(`not a length: ${text}`);
  return Number(text);
}

function scalar(line: string, rest: string): Reply {
  switch (line[0]) {
    case '+':
      return { type: 'simple', text: rest };
    case '-':
      return { type: 'error', text: rest };
    case ':':
      if (!/^(0|-?[1-9][0-9]*)$/.test(rest)) throw new RespSyntaxError(`not an integer: ${rest}`);
      return { type: 'int', value: BigInt(rest) };
    case '_':
      if (rest !== '') throw new RespSyntaxError(`a null with content: ${line}`);
      return { type: 'null', form: 'resp3' };
    case ',':
      return { type: 'double', text: rest };
    case '#':
      if (rest !== 't' && rest !== 'f') throw new RespSyntaxError(`not a boolean: ${line}`);
      return { type: 'bool', value: rest === 't' };
    case '(':
      return { type: 'bigNumber', text: rest };
    default:
      throw new RespSyntaxError(`unknown type byte in ${JSON.stringify(line)}`);
  }
}

function verbatim(content: Buffer): Reply {
  if (content[3] !== 0x3a) throw new RespSyntaxError('a verbatim string without its format');
  return {
    type: 'verbatim',
    format: content.toString('latin1', 0, 3),
    bytes: content.subarray(4),
  };
}

/** The reply of an aggregate that has all its members; an attribute is none. */
function close({ type, items }: Aggregate): Reply | undefined {
  if (type === 'attribute') return undefined;
  if (type !== 'map') return { type, items };
  const entries: [Reply, Reply][] = [];
  for (let index = 0; index + 1 < items.length; index += 2) {
    const [key, value] = [items[index], items[index + 1]];
    if (key !== undefined && value !== undefined) entries.push([key, value]);
  }
  return { type, entries };
}
