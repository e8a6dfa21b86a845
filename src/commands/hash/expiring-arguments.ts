/** The arguments of HGETEX and HSETEX behind the key: options and fields in any order, read as Redis reads them. */
import { keepExpiry } from '#types/hashes-form.ts';
import { type ErrorReply, error, errors, wrongArity } from '../errors.ts';
import type { Request } from '../request.ts';
import { FieldNames } from './field-names.ts';
import { fieldTimeAt } from './field-time.ts';

export class ExpiringArguments {
  readonly names = new FieldNames();
  /** When the fields are to expire, 0 for never, {@link keepExpiry} for when they do so far. */
  atMs = 0;
  /** Whether that is a time that has come. */
  isPast = false;
  condition: 'FNX' | 'FXX' | undefined;
  private readonly command: 'hgetex' | 'hsetex';
  /** The option that says when. */
  private expiration: string | undefined;
  /** Whether an option was one of the other command's. */
  private isForeign = false;

  constructor(command: 'hgetex' | 'hsetex') {
    this.command = command;
  }

  /** Takes them all. Returns what is wrong. */
  take(request: Request, nowMs: number): ErrorReply | undefined {
    this.names.clear();
    this.expiration = undefined;
    this.condition = undefined;
    this.isForeign = false;
    this.isPast = false;
    // Reading leaves an expiry alone, writing takes it away.
    this.atMs = this.command === 'hgetex' ? keepExpiry : 0;
    for (let at = 2; at < request.count; ) {
      const next = this.takeOne(request, at, nowMs);
      if (typeof next !== 'number') return next;
      at = next;
    }
    if (this.isForeign) return errors.unknownArgument;
    return this.names.count === 0 ? errors.fieldsMissing : undefined;
  }

  /** Takes what begins at argument `at`. Returns where the next begins, or what is wrong. */
  private takeOne(request: Request, at: number, nowMs: number): number | ErrorReply {
    const text = request.latin1(at);
    const word = text.toUpperCase();
    switch (word) {
      case 'FIELDS':
        return this.takeFields(request, at);
      case 'EX':
        return this.takeTime(request, at, 1000, nowMs, nowMs);
      case 'PX':
        return this.takeTime(request, at, 1, nowMs, nowMs);
      case 'EXAT':
        return this.takeTime(request, at, 1000, 0, nowMs);
      case 'PXAT':
        return this.takeTime(request, at, 1, 0, nowMs);
      case 'PERSIST':
      case 'KEEPTTL':
        return this.takeWord(word, at);
      case 'FNX':
      case 'FXX':
        if (this.condition !== undefined) return errors.fieldConditions;
        this.condition = word;
        this.isForeign ||= this.command === 'hgetex';
        return at + 1;
      default:
        return error(`unknown argument: ${text}`);
    }
  }

  private takeFields(request: Request, at: number): number | ErrorReply {
    if (at + 1 >= request.count) return wrongArity(this.command);
    const width = this.command === 'hgetex' ? 1 : 2;
    return this.names.takeFrom(request, at, width, errors.fieldCountInvalid) ?? this.names.end;
  }

  private takeTime(
    request: Request,
    at: number,
    unitMs: 1 | 1000,
    sinceMs: number,
    nowMs: number,
  ): number | ErrorReply {
    if (this.expiration !== undefined) return this.clash();
    if (at + 1 >= request.count) return errors.fieldExpiryMissing;
    const time = fieldTimeAt(request, at + 1, unitMs, sinceMs, this.command);
    if (typeof time !== 'number') return time;
    this.expiration = 'time';
    this.isPast = time <= nowMs;
    // 0 would be no time at all, and is as past as 1.
    this.atMs = Math.max(1, time);
    return at + 2;
  }

  private takeWord(word: 'PERSIST' | 'KEEPTTL', at: number): number | ErrorReply {
    if (this.expiration !== undefined) return this.clash();
    this.expiration = word;
    this.atMs = word === 'PERSIST' ? 0 : keepExpiry;
    this.isForeign ||= (word === 'PERSIST') !== (this.command === 'hgetex');
    return at + 1;
  }

  private clash(): ErrorReply {
    return this.command === 'hgetex' ? errors.fieldExpiriesPersisted : errors.fieldExpiriesKept;
  }
}
