/**
 * `set <key> <seconds> <length>` and its value, as the command that it is: SET key value EX seconds. A request lies in one
 * buffer, and the input has no EX in it, so this one is put together elsewhere; sets that do not expire stay in place.
 */
import type { Request } from '#commands/request.ts';
import { copyBytes } from '#memory/bytes.ts';

/** More than this is room for one request only. */
const keptBytesMax = 64 * 1024;

export class ExpiringSet {
  private kept: Buffer = Buffer.alloc(0);

  /** Turns a request of the words `set key seconds …` and a value at `[valueAt, +valueLength)` into SET with EX. */
  assemble(request: Request, valueAt: number, valueLength: number): void {
    const { bytes: from } = request;
    const [setAt, setLength] = [request.at(0), request.length(0)];
    const [keyAt, keyLength] = [request.at(1), request.length(1)];
    const [secondsAt, secondsLength] = [request.at(2), request.length(2)];
    const into = this.bufferOf(setLength + keyLength + valueLength + 2 + secondsLength);
    let length = 0;
    const put = (at: number, count: number) => {
      copyBytes(into, length, from, at, count);
      request.push(length, count);
      length += count;
    };
    request.reset(into);
    put(setAt, setLength);
    put(keyAt, keyLength);
    put(valueAt, valueLength);
    request.push(length, into.write('EX', length, 'latin1'));
    length += 2;
    put(secondsAt, secondsLength);
  }

  private bufferOf(length: number): Buffer {
    if (length > keptBytesMax) return Buffer.allocUnsafeSlow(length);
    if (this.kept.length < length) this.kept = Buffer.allocUnsafeSlow(length * 2);
    return this.kept;
  }
}
