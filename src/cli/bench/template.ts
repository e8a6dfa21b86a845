/**
 * The bytes of some requests, made once: for each sending only the digits of their random numbers are written anew, so that
 * generating load costs little of the machine that is measured.
 */
import type { Random } from '#platform/random.ts';
import { encodeCommand } from '#protocols/resp/reply.ts';
import { randomSlot } from './workloads.ts';

const zero = '0'.charCodeAt(0);

export class Template {
  readonly bytes: Buffer;
  /** Where the last digit of each number is. */
  private readonly lastDigits: readonly number[];
  private readonly random: Random;
  /** Numbers are below this; 0 leaves them zeros. */
  private readonly numbers: number;

  constructor(command: readonly string[], requests: number, numbers: number, random: Random) {
    const one = encodeCommand(command);
    this.bytes = Buffer.concat(Array.from({ length: requests }, () => one));
    this.lastDigits = slotEnds(this.bytes);
    this.numbers = numbers;
    this.random = random;
    for (const last of this.lastDigits) this.write(last, 0);
  }

  /** The bytes with new numbers; they are good until the next call. */
  next(): Buffer {
    const { lastDigits, numbers, random } = this;
    if (numbers > 0) {
      for (const last of lastDigits) this.write(last, (random.int32() >>> 0) % numbers);
    }
    return this.bytes;
  }

  private write(last: number, number: number): void {
    for (let at = last; at > last - randomSlot.length; at--) {
      this.bytes[at] = zero + (number % 10);
      number = Math.floor(number / 10);
    }
  }
}

function slotEnds(bytes: Buffer): number[] {
  const ends: number[] = [];
  for (let at = bytes.indexOf(randomSlot); at >= 0; at = bytes.indexOf(randomSlot, at + 1)) {
    ends.push(at + randomSlot.length - 1);
  }
  return ends;
}
