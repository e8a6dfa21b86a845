/**
 * Checks a file of the append-only log: that it is commands, whole ones, which this server knows, and that each MULTI has its
 * EXEC. Reads a piece at a time, but for an RDB file that it begins with.
 */
import { CommandTable } from '#commands/command-table.ts';
import { allCommands } from '#commands/registry.ts';
import { Request } from '#commands/request.ts';
import { CommandReader } from '#persistence/aof/command-reader.ts';
import { expectedAt } from './expected.ts';
import { type Breakage, count } from './file-report.ts';
import type { OpenFile } from './open-file.ts';

const pieceBytes = 256 * 1024;
/** What is looked at to say what is wrong with a command. */
const brokenBytesMax = 64 * 1024 * 1024;

export interface LogFindings {
  readonly facts: readonly string[];
  readonly breakage?: Breakage;
  /** Where the last whole command or transaction ends. */
  readonly wholeBytes: number;
}

/** Checks the commands of a file from `start` on. */
export function checkLog(file: OpenFile, start: number): LogFindings {
  return new LogCheck(file, start).run();
}

class LogCheck {
  private readonly file: OpenFile;
  private readonly reader: CommandReader;
  private readonly request = new Request();
  private readonly table = new CommandTable(allCommands);
  private commands = 0;
  private units = 0;
  private unitAt: number | undefined;
  private whole: number;

  constructor(file: OpenFile, start: number) {
    this.file = file;
    this.reader = new CommandReader(start);
    this.whole = start;
  }

  run(): LogFindings {
    const breakage = this.readAll() ?? this.ending();
    const facts = [
      `${count(this.commands, 'command')}, and ${count(this.units, 'transaction')} around some of them`,
    ];
    const found = { facts, wholeBytes: this.whole };
    return breakage === undefined ? found : { ...found, breakage };
  }

  private readAll(): Breakage | undefined {
    const { file, reader } = this;
    const piece = Buffer.allocUnsafeSlow(pieceBytes);
    for (let at = reader.offset; ; ) {
      const length = file.read(piece, at);
      if (length === 0) return undefined;
      at += length;
      reader.feed(piece, length);
      const breakage = this.readCommands();
      if (breakage !== undefined) return breakage;
    }
  }

  private readCommands(): Breakage | undefined {
    const { reader, request } = this;
    for (;;) {
      const at = reader.offset;
      const result = reader.read(request);
      if (result === 'more') return undefined;
      if (result === 'error') return this.malformed();
      const reason = this.command(at);
      if (reason !== undefined) return { offset: at, reason };
    }
  }

  /** Takes account of a command. Returns what is wrong with it. */
  private command(at: number): string | undefined {
    const { request, reader } = this;
    const name = request.latin1(0).toLowerCase();
    const isInUnit = this.unitAt !== undefined;
    if (name === 'multi') {
      if (isInUnit) return 'a MULTI inside of another';
      this.unitAt = at;
      return undefined;
    }
    if (name === 'exec') {
      if (!isInUnit) return 'an EXEC without its MULTI';
      this.unitAt = undefined;
      this.units++;
    } else {
      const reason = this.unknown();
      if (reason !== undefined) return reason;
      this.commands++;
    }
    if (this.unitAt === undefined) this.whole = reader.offset;
    return undefined;
  }

  private unknown(): string | undefined {
    const { request, table } = this;
    const command = table.find(request);
    if (command?.accepts(request.count) === true) return undefined;
    const name = JSON.stringify(request.latin1(0));
    if (command === undefined) return `there is no command ${name}`;
    return `the command ${name} does not take ${count(request.count - 1, 'argument')}`;
  }

  /** What there is after the last command, or a transaction without its end. */
  private ending(): Breakage | undefined {
    if (this.reader.left > 0) return this.malformed();
    if (this.unitAt === undefined) return undefined;
    const began = `of the transaction that began at byte ${this.unitAt}`;
    return { offset: this.file.bytes, reason: `the file ends, expected the EXEC ${began}` };
  }

  private malformed(): Breakage {
    const { file, reader } = this;
    const { offset } = reader;
    const piece = Buffer.allocUnsafeSlow(Math.min(brokenBytesMax, file.bytes - offset));
    const length = file.read(piece, offset);
    const { at, reason } = expectedAt(piece.subarray(0, length));
    return {
      offset: offset + at,
      reason: `${reason}, in the command that begins at byte ${offset}`,
    };
  }
}
