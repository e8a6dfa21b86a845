/** Says of bytes that are no whole command where they stop being one, and what was expected there. */
import { count } from './file-report.ts';

const shownBytes = 12;

/** The bytes begin where the command does. */
export function expectedAt(bytes: Buffer): { at: number; reason: string } {
  const scan = new CommandScan(bytes);
  const reason = scan.run();
  return { at: scan.at, reason };
}

class CommandScan {
  at = 0;
  private readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  run(): string {
    if (this.bytes[0] === 0x23) return this.unlike('the end of the line of an annotation');
    const words = this.number('*', 'a command');
    if (typeof words === 'string') return words;
    for (let word = 1; word <= words; word++) {
      const length = this.number('$', `word ${word} of ${words}`);
      if (typeof length === 'string') return length;
      const left = this.bytes.length - this.at;
      if (left < length) {
        const missing = count(length - left, 'byte');
        this.at = this.bytes.length;
        return `the file ends, expected ${missing} more of word ${word} of ${words}`;
      }
      this.at += length;
      const end = this.lineEnd(`word ${word} of ${words}, which has ${count(length, 'byte')}`);
      if (end !== undefined) return end;
    }
    return 'expected a command within the limits of one';
  }

  /** Reads a type, a number and a line end, or says what is there instead. */
  private number(type: string, of: string): number | string {
    if (this.text(1) !== type) return this.unlike(`'${type}', with which ${of} begins`);
    this.at++;
    const digits = /^\d{1,16}/.exec(this.text(16))?.[0];
    if (digits === undefined) return this.unlike('a number');
    this.at += digits.length;
    return this.lineEnd(`the length of ${of}`) ?? Number(digits);
  }

  private lineEnd(of: string): string | undefined {
    if (this.text(2) !== '\r\n') return this.unlike(`a line end after ${of}`);
    this.at += 2;
    return undefined;
  }

  private unlike(expected: string): string {
    const found = this.text(shownBytes);
    if (found === '') return `the file ends, expected ${expected}`;
    return `expected ${expected}, found ${JSON.stringify(found)}`;
  }

  private text(length: number): string {
    return this.bytes.toString('latin1', this.at, this.at + length);
  }
}
