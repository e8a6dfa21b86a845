/**
 * What is typed, a line at a time: after each line the rest waits until it is asked for, so that what is typed while a command
 * runs appears behind the next prompt and not in the middle of the reply. Only Ctrl-C is heard at once.
 */
import { PassThrough } from 'node:stream';
import type { ReadStream } from 'node:tty';

const interruptByte = 3;
const lineEnds = [10, 13];

export class Keyboard {
  /** What readline is to read from. */
  readonly keys = new PassThrough();
  /** Called for Ctrl-C while nobody reads. */
  onInterrupt: () => void = () => {};
  private readonly input: ReadStream;
  private waiting = Buffer.alloc(0);
  private isHeld = true;
  private readonly take = (bytes: Buffer) => {
    if (this.isHeld && bytes.includes(interruptByte)) {
      this.waiting = Buffer.alloc(0);
      this.onInterrupt();
      return;
    }
    this.waiting = Buffer.concat([this.waiting, bytes]);
    if (!this.isHeld) this.release();
  };

  constructor(input: ReadStream) {
    this.input = input;
    input.setRawMode(true);
    // Without an encoding set, a stream emits buffers.
    input.on('data', this.take);
    input.on('end', () => this.keys.end());
    // Who read before, a password for one, may have left it paused.
    input.resume();
  }

  /** Lets what is typed through, up to the end of a line. */
  release(): void {
    const { waiting } = this;
    const end = waiting.findIndex((byte) => lineEnds.includes(byte));
    this.isHeld = end !== -1;
    const length = end === -1 ? waiting.length : end + 1;
    this.waiting = waiting.subarray(length);
    if (length > 0) this.keys.write(waiting.subarray(0, length));
  }

  close(): void {
    this.input.off('data', this.take);
    this.input.setRawMode(false);
    this.input.pause();
  }
}
