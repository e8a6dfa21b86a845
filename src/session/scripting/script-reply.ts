/**
 * What a command answers a script with: Lua values, made on the machine's stack as the command replies, by Redis's table of
 * conversions. In RESP2, which scripts speak until they ask for RESP3, an absent value is `false`.
 *
 * An aggregate is a table on the stack that its values are put into as they come.
 */
import type { ErrorReply } from '#commands/errors.ts';

import type { LuaVm } from '#lua/vm.ts';
import type { Arena } from '#memory/arena.ts';
import { formatDouble } from '#types/double.ts';
import type { CountingReply } from '../command-runner.ts';

const kinds = { array: 0, set: 1, map: 2 } as const;
type Kind = (typeof kinds)[keyof typeof kinds];

/** An aggregate that is not complete. */
interface Frame {
  kind: Kind;
  /** Values still to come; of a map, keys count too. */
  left: number;
  /** Values that have come. */
  count: number;
  /** Whether it stands in a table of its own, under the name of its kind. */
  isWrapped: boolean;
}

export class ScriptReply implements CountingReply {
  protocol: 2 | 3 = 2;
  errorsWritten = 0;
  lastErrorCode = '';
  readonly writtenBytes = 0;
  /** Whether the reply as a whole is an error. */
  isError = false;
  private vm: LuaVm | undefined;
  private readonly frames: Frame[] = [];
  private depth = 0;

  /** Makes it push the next reply onto `vm`'s stack. */
  begin(vm: LuaVm): void {
    this.vm = vm;
    this.depth = 0;
    this.isError = false;
  }

  ok(): void {
    this.status('OK');
  }

  status(text: string): void {
    this.single('ok', text);
  }

  error({ code, text }: ErrorReply): void {
    this.errorsWritten++;
    this.lastErrorCode = code;
    if (this.depth === 0) this.isError = true;
    this.single('err', `${code} ${text}`);
  }

  integer(value: number): void {
    this.machine.pushNumber(value);
    this.added();
  }

  bigInteger(value: bigint): void {
    this.integer(Number(value));
  }

  bigNumber(digits: string): void {
    if (this.protocol === 3) this.single('big_number', digits);
    else this.text(digits);
  }

  double(value: number): void {
    if (this.protocol === 2) {
      this.text(formatDouble(value));
      return;
    }
    const { machine } = this;
    machine.newTable(0, 1);
    machine.pushNumber(value);
    machine.setField(-2, 'double');
    this.added();
  }

  boolean(value: boolean): void {
    if (this.protocol === 3) this.machine.pushBoolean(value);
    else this.machine.pushNumber(value ? 1 : 0);
    this.added();
  }

  bulk(bytes: Buffer, at: number, length: number): void {
    this.machine.pushBytes(bytes, at, length);
    this.added();
  }

  stored(arena: Arena, at: number, length: number): void {
    this.bulk(arena.bytes, at, length);
  }

  text(text: string): void {
    const bytes = Buffer.from(text);
    this.bulk(bytes, 0, bytes.length);
  }

  verbatim(text: string): void {
    if (this.protocol === 2) {
      this.text(text);
      return;
    }
    const { machine } = this;
    const bytes = Buffer.from(text);
    machine.newTable(0, 1);
    machine.newTable(0, 2);
    machine.pushText('txt');
    machine.setField(-2, 'format');
    machine.pushBytes(bytes, 0, bytes.length);
    machine.setField(-2, 'string');
    machine.setField(-2, 'verbatim_string');
    this.added();
  }

  nil(): void {
    if (this.protocol === 3) this.machine.pushNil();
    else this.machine.pushBoolean(false);
    this.added();
  }

  nilArray(): void {
    this.nil();
  }

  array(length: number): void {
    this.open(kinds.array, length);
  }

  set(length: number): void {
    this.open(this.protocol === 3 ? kinds.set : kinds.array, length);
  }

  map(length: number): void {
    this.open(this.protocol === 3 ? kinds.map : kinds.array, length * 2);
  }

  attribute(): void {}

  push(length: number): void {
    this.array(length);
  }

  private get machine(): LuaVm {
    if (this.vm === undefined) throw new Error('a reply to no script');
    return this.vm;
  }

  /** A table of one text. */
  private single(name: string, text: string): void {
    const { machine } = this;
    machine.newTable(0, 1);
    machine.pushText(text);
    machine.setField(-2, name);
    this.added();
  }

  private open(kind: Kind, left: number): void {
    const { machine } = this;
    machine.makeRoom();
    const isWrapped = kind !== kinds.array;
    if (isWrapped) machine.newTable(0, 1);
    machine.newTable(isWrapped ? 0 : left, isWrapped ? left : 0);
    const frame = this.frames[this.depth];
    if (frame === undefined) this.frames.push({ kind, left, count: 0, isWrapped });
    else {
      frame.kind = kind;
      frame.left = left;
      frame.count = 0;
      frame.isWrapped = isWrapped;
    }
    this.depth++;
    if (left === 0) this.close();
  }

  /** A value is complete, and on the stack. */
  private added(): void {
    if (this.depth === 0) return;
    const frame = this.frames[this.depth - 1] as Frame;
    const { machine } = this;
    frame.count++;
    if (frame.kind === kinds.array) {
      machine.setAt(-2, frame.count);
    } else if (frame.kind === kinds.set) {
      machine.pushBoolean(true);
      machine.setPair(-3);
    } else if ((frame.count & 1) === 0) {
      machine.setPair(-3);
    }
    if (--frame.left === 0) this.close();
  }

  private close(): void {
    const frame = this.frames[--this.depth] as Frame;
    if (frame.isWrapped) this.machine.setField(-2, frame.kind === kinds.set ? 'set' : 'map');
    this.added();
  }
}
