/**
 * All commands by name. The hot path finds them from the request's bytes, in any case, without making a string:
 * an open-addressed table over a case-folding hash, at most a quarter full, and before it a direct-mapped cache of
 * names of up to four bytes just as they were written, which most names that matter are.
 */
import { byteAt, viewOf } from '#memory/bytes.ts';
import type { Command } from './command.ts';
import type { Request } from './request.ts';

/** Names of at most this many bytes are cached: they are one word. */
const shortNameBytesMax = 4;
const shortNamesBits = 7;
/** Which bytes of a word are a name of so many. */
const nameMasks = Int32Array.of(0, 0xff, 0xffff, 0xffffff, -1);

interface Slot {
  readonly name: Buffer;
  readonly command: Command;
}

export class CommandTable {
  private readonly byName = new Map<string, Command>();
  private slots: (Slot | undefined)[] = [];
  private readonly shortNames = new Int32Array(1 << shortNamesBits);
  private readonly shortLengths = new Int32Array(1 << shortNamesBits);
  private readonly shortCommands: (Command | undefined)[] = [];

  /** Throws where two commands have one name. */
  constructor(commands: readonly Command[]) {
    for (const command of commands) {
      if (this.byName.has(command.fullName))
        throw new Error(`${command.fullName} is declared twice`);
      this.byName.set(command.fullName, command);
    }
    this.rebuild();
  }

  get size(): number {
    return this.byName.size;
  }

  all(): IterableIterator<Command> {
    return this.byName.values();
  }

  /** The command, or subcommand as `container|name`, called `name` in any case. */
  named(name: string): Command | undefined {
    const [command, sub] = name.toLowerCase().split('|', 2);
    const found = this.byName.get(command ?? '');
    return sub === undefined ? found : found?.subcommands.get(sub);
  }

  /** The command that a request names; of a container, the subcommand, or the container if it has none such. */
  find(request: Request): Command | undefined {
    const command = this.commandOf(request.bytes, request.at(0), request.length(0));
    if (command === undefined || !command.hasSubcommands || request.count < 2) return command;
    return command.subcommands.get(request.latin1(1).toLowerCase()) ?? command;
  }

  /** Gives a command another name, or with an empty one takes it away (Redis's rename-command). */
  rename(from: string, to: string): boolean {
    const command = this.byName.get(from.toLowerCase());
    if (command === undefined) return false;
    this.byName.delete(from.toLowerCase());
    if (to !== '') this.byName.set(to.toLowerCase(), command);
    this.rebuild();
    return true;
  }

  private commandOf(bytes: Buffer, at: number, length: number): Command | undefined {
    if (length > shortNameBytesMax || at + shortNameBytesMax > bytes.length) {
      return this.lookUp(bytes, at, length);
    }
    // In range: there is a mask for each length up to the most.
    const name = viewOf(bytes).getInt32(at, true) & (nameMasks[length] as number);
    const index = Math.imul(name, 0x9e3779b1) >>> (32 - shortNamesBits);
    if (this.shortNames[index] === name && this.shortLengths[index] === length) {
      return this.shortCommands[index];
    }
    const command = this.lookUp(bytes, at, length);
    this.shortNames[index] = name;
    this.shortLengths[index] = length;
    this.shortCommands[index] = command;
    return command;
  }

  private lookUp(bytes: Buffer, at: number, length: number): Command | undefined {
    const mask = this.slots.length - 1;
    let index = foldedHash(bytes, at, length) & mask;
    for (;;) {
      const slot = this.slots[index];
      if (slot === undefined) return undefined;
      if (slot.name.length === length && equalsFolded(slot.name, bytes, at)) return slot.command;
      index = (index + 1) & mask;
    }
  }

  private rebuild(): void {
    let size = 16;
    while (size < this.byName.size * 4) size *= 2;
    this.slots = new Array<Slot | undefined>(size).fill(undefined);
    this.shortLengths.fill(0);
    for (let i = 0; i < this.shortNames.length; i++) this.shortCommands[i] = undefined;
    for (const [text, command] of this.byName) {
      const name = Buffer.from(text);
      let index = foldedHash(name, 0, name.length) & (size - 1);
      while (this.slots[index] !== undefined) index = (index + 1) & (size - 1);
      this.slots[index] = { name, command };
    }
  }
}

/** Of the length and three of the bytes, with bit 5 set, which makes the cases of a letter equal. */
function foldedHash(bytes: Buffer, at: number, length: number): number {
  if (length === 0) return 0;
  const first = byteAt(bytes, at) | 0x20;
  const middle = byteAt(bytes, at + (length >> 1)) | 0x20;
  const last = byteAt(bytes, at + length - 1) | 0x20;
  return Math.imul((first << 16) | (middle << 8) | last, 0x9e3779b1 + (length << 1)) >>> 16;
}

function equalsFolded(name: Buffer, bytes: Buffer, at: number): boolean {
  for (let i = 0; i < name.length; i++) {
    const byte = byteAt(bytes, at + i);
    const folded = byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte;
    if (folded !== byteAt(name, i)) return false;
  }
  return true;
}
