/**
 * The prompt: reads lines with history, completion and hints, and runs them until the person leaves.
 *
 * Node's readline edits the line; the hint is drawn behind it after each key, and taken away before readline draws again.
 */
import { createInterface, type Interface } from 'node:readline';
import { decodeUtf8, encodeUtf8, lowerCase, splitWords } from '#config/words.ts';
import { type Place, portDefault } from '../client/endpoint.ts';
import { type CommandDocs, loadCommandDocs } from '../docs/command-docs.ts';
import { completionsFor, helpText, hintFor } from '../docs/lookup.ts';
import { exitCode, Failure } from '../failure.ts';
import { Keyboard } from '../terminal/keyboard.ts';
import { historyFile, historyLinesMax, loadHistory, saveHistory } from './history.ts';
import type { Session } from './session.ts';

/** A command that takes longer is told its time. */
const toldSeconds = 0.5;
const clearToEnd = '\x1b[0J';

/** Runs the prompt to its end. Returns the exit code. */
export async function runPrompt(session: Session): Promise<number> {
  return await new Prompt(session).run();
}

class Prompt {
  private readonly session: Session;
  private readonly keyboard = new Keyboard(process.stdin);
  private readonly lines: Interface;
  private readonly pending: string[] = [];
  private docs: CommandDocs = new Map();
  private isClosed = false;
  private wake: () => void = () => {};
  private readonly history = historyFile();

  constructor(session: Session) {
    this.session = session;
    this.lines = createInterface({
      input: this.keyboard.keys,
      output: process.stdout,
      terminal: true,
      history: loadHistory(this.history),
      historySize: historyLinesMax,
      removeHistoryDuplicates: true,
      completer: (line: string): [string[], string] => this.complete(line),
    });
  }

  async run(): Promise<number> {
    const { lines, session } = this;
    lines.on('line', (line) => {
      this.pending.push(line);
      this.wake();
    });
    lines.on('close', () => {
      this.isClosed = true;
      session.interrupt();
      this.wake();
    });
    lines.on('SIGINT', () => this.interrupt());
    this.keyboard.onInterrupt = () => this.interrupt();
    lines.on('history', (kept) => saveHistory(this.history, kept));
    this.showHints();
    await this.connect(() => session.connected());
    for (let line = await this.next(); line !== undefined; line = await this.next()) {
      if (!(await this.runLine(line))) break;
    }
    if (!this.isClosed) lines.close();
    this.keyboard.close();
    session.close();
    return exitCode.success;
  }

  /** Makes a connection, and gets to know the commands behind it. */
  private async connect(make: () => Promise<unknown>): Promise<void> {
    try {
      await make();
      this.docs = await loadCommandDocs(await this.session.connected());
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      this.session.printer.line(error.message);
      if (this.docs.size === 0) this.docs = await loadCommandDocs(undefined);
    }
  }

  /** The next line; undefined when there will be none. */
  private async next(): Promise<string | undefined> {
    if (this.pending.length === 0 && !this.isClosed) {
      this.lines.setPrompt(`${this.session.label}> `);
      this.lines.prompt();
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        this.keyboard.release();
      });
      this.wake = () => {};
    }
    return this.pending.shift();
  }

  /** Runs a line. Returns whether there is to be another. */
  private async runLine(line: string): Promise<boolean> {
    const { printer } = this.session;
    const words = splitWords(encodeUtf8(line));
    if (words === undefined) {
      printer.line('Invalid argument(s)');
      return true;
    }
    const [first = '', ...rest] = words;
    switch (lowerCase(first)) {
      case '':
        return true;
      case 'quit':
      case 'exit':
        return false;
      case 'clear':
        process.stdout.write('\x1b[H\x1b[2J');
        return true;
      case 'help':
      case '?':
        printer.line(helpText(this.docs, rest.map(decodeUtf8)).replace(/\n$/, ''));
        return true;
      case 'connect':
        await this.connect(() => this.session.moveTo(placeOf(rest)));
        return true;
      default:
        return await this.runCommand(words);
    }
  }

  private async runCommand(words: readonly string[]): Promise<boolean> {
    const { session } = this;
    const [first = ''] = words;
    const isRepeated = /^[1-9]\d{0,8}$/.test(first) && words.length > 1;
    try {
      for (let left = isRepeated ? Number(first) : 1; left > 0; left--) {
        const startMs = performance.now();
        const outcome = await session.run(isRepeated ? words.slice(1) : words);
        const seconds = (performance.now() - startMs) / 1000;
        if (outcome === 'quit') return false;
        if (outcome === 'interrupted') {
          if (!this.isClosed) await session.connected();
          break;
        }
        if (seconds >= toldSeconds) session.printer.line(`(${seconds.toFixed(2)}s)`);
      }
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      session.printer.line(`Error: ${error.message}`);
    }
    return true;
  }

  /** Ctrl-C: ends what is under way, or drops the line; on an empty one says how to leave. */
  private interrupt(): void {
    const { lines, session } = this;
    if (session.interrupt()) {
      process.stdout.write('\n');
      return;
    }
    if (lines.line === '') process.stdout.write('\n(Ctrl-D or quit leaves)\n');
    else process.stdout.write(`${clearToEnd}^C\n`);
    // Deletes what is left of the cursor and what is right of it.
    lines.write(null, { ctrl: true, name: 'e' });
    lines.write(null, { ctrl: true, name: 'u' });
    lines.prompt();
  }

  private complete(line: string): [string[], string] {
    const words = splitWords(encodeUtf8(line))?.map(decodeUtf8);
    if (words === undefined) return [[], line];
    if (line === '' || line.endsWith(' ')) words.push('');
    const last = words.at(-1) ?? '';
    const fitting = completionsFor(this.docs, words);
    return [fitting.length === 1 ? fitting.map((each) => `${each} `) : fitting, last];
  }

  private showHints(): void {
    const { keys } = this.keyboard;
    keys.prependListener('keypress', () => {
      if (this.isAtPrompt()) process.stdout.write(clearToEnd);
    });
    keys.on('keypress', () => {
      if (this.isAtPrompt()) this.drawHint();
    });
  }

  private isAtPrompt(): boolean {
    const { lines } = this;
    return !this.isClosed && lines.line !== '' && lines.cursor === lines.line.length;
  }

  private drawHint(): void {
    const { line } = this.lines;
    const words = splitWords(encodeUtf8(line))?.map(decodeUtf8) ?? [];
    const hint = hintFor(this.docs, words, line.endsWith(' '));
    const room = process.stdout.columns - this.lines.getCursorPos().cols - 1;
    const shown = hint.slice(0, Math.max(0, room));
    if (shown === '') return;
    process.stdout.write(`\x1b[90m${shown}\x1b[0m\x1b[${shown.length}D`);
  }
}

/** Where `connect` is to go. */
function placeOf([host = '', port = `${portDefault}`]: readonly string[]): Place {
  return host.startsWith('/') ? { path: host } : { host, port: Number(port) };
}
