/** The methods whose results are there at once: for a store in the same process, where nothing has to be waited for. */
import type { Caller } from '#client/commands/base.ts';
import { SyncCommands } from '#client/commands/scans.ts';
import type { SetOptions } from '#client/commands/strings.ts';
import { byteArrays, type Codec, type Decoder, orThrow, strings } from '#client/decode.ts';
import type { Input, Key, Words } from '#client/reply.ts';
import type { LocalConnection } from '#protocols/local/connection.ts';
import type { DirectStrings } from '#session/direct-strings.ts';

class SyncCaller implements Caller<'sync'> {
  private readonly connection: LocalConnection;

  constructor(connection: LocalConnection) {
    this.connection = connection;
  }

  run<V, T>(words: Words, decode: Decoder<V, T>, codec: Codec<V>): T {
    return decode(orThrow(this.connection.callNow(words)), codec);
  }
}

/**
 * A command that would have to wait (for a lock, because clients are paused) throws a ZippyError instead. With
 * `fsync: 'always'` a write returns before it is on disk.
 */
export class SyncStore extends SyncCommands<string> {
  /** The same with values as Uint8Arrays. */
  readonly bytes: SyncCommands<Uint8Array>;
  private readonly direct: DirectStrings;

  constructor(connection: LocalConnection, direct: DirectStrings) {
    const caller = new SyncCaller(connection);
    super(caller, strings);
    this.bytes = new SyncCommands(caller, byteArrays);
    this.direct = direct;
  }

  override get(key: Key): string | null {
    if (typeof key === 'string') {
      const value = this.direct.get(key);
      if (value !== undefined) return value;
    }
    return super.get(key);
  }

  override set(key: Key, value: Input, options?: SetOptions): boolean {
    if (options === undefined && typeof key === 'string' && isText(value)) {
      if (this.direct.set(key, value) === true) return true;
    }
    return super.set(key, value, options);
  }
}

/** What is stored as it is. */
export function isText(value: Input): value is string | Uint8Array {
  return typeof value === 'string' || typeof value === 'object';
}
