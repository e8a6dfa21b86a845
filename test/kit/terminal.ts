/**
 * A terminal for tests: a program runs in a pseudo-terminal, keys are typed into it, and its screen can be read as a person
 * would. The pseudo-terminal is Python's, for Node has none; the screen knows what Node's readline and this project write.
 */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

const relay =
  'import pty, sys, os; status = pty.spawn(sys.argv[1:]); sys.exit(os.waitstatus_to_exitcode(status))';
const waitMs = 15_000;

export function terminalAvailable(): boolean {
  return spawnSync('python3', ['-c', 'import pty, termios']).status === 0;
}

/** The characters that a terminal shows, and where its cursor is. */
export class Screen {
  private readonly rows: string[][] = [[]];
  private readonly columns: number;
  private row = 0;
  private column = 0;
  private rest = '';

  constructor(columns: number) {
    this.columns = columns;
  }

  /** The lines, without what is blank at their ends and after the last. */
  get lines(): string[] {
    const lines = this.rows.map((cells) =>
      Array.from(cells, (cell) => cell ?? ' ')
        .join('')
        .trimEnd(),
    );
    while (lines.at(-1) === '') lines.pop();
    return lines;
  }

  write(text: string): void {
    let left = this.rest + text;
    this.rest = '';
    while (left !== '') {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
      const [sequence, parameter = '', final = ''] = /^\x1b\[([?\d;]*)([A-Za-z])/.exec(left) ?? [];
      if (sequence !== undefined) {
        this.control(final, parameter === '' ? undefined : Number.parseInt(parameter, 10));
        left = left.slice(sequence.length);
      } else if (left.startsWith('\x1b') && left.length < 8) {
        // The sequence is not all there.
        this.rest = left;
        return;
      } else {
        const [char = ''] = left;
        this.put(char);
        left = left.slice(char.length);
      }
    }
  }

  private put(char: string): void {
    if (char === '\r') this.column = 0;
    else if (char === '\n') this.moveTo(this.row + 1);
    else if (char === '\b') this.column = Math.max(0, this.column - 1);
    else if (char >= ' ') {
      if (this.column === this.columns) {
        this.moveTo(this.row + 1);
        this.column = 0;
      }
      this.line()[this.column++] = char;
    }
  }

  private line(): string[] {
    const line = this.rows[this.row];
    if (line === undefined) throw new Error('the cursor is on no row');
    return line;
  }

  private moveTo(row: number): void {
    this.row = Math.max(0, row);
    while (this.rows.length <= this.row) this.rows.push([]);
  }

  private control(final: string, parameter: number | undefined): void {
    const count = parameter ?? 1;
    if (final === 'A') this.moveTo(this.row - count);
    else if (final === 'B') this.moveTo(this.row + count);
    else if (final === 'C') this.column = Math.min(this.columns, this.column + count);
    else if (final === 'D') this.column = Math.max(0, this.column - count);
    else if (final === 'G') this.column = count - 1;
    else if (final === 'H') {
      this.moveTo(0);
      this.column = 0;
    } else if (final === 'K') this.clearLine(parameter ?? 0);
    else if (final === 'J') {
      if (parameter === 2) this.rows.splice(0, this.rows.length, ...this.rows.map(() => []));
      else {
        this.clearLine(0);
        for (const row of this.rows.slice(this.row + 1)) row.length = 0;
      }
    }
  }

  private clearLine(kind: number): void {
    const line = this.line();
    line.length = kind === 2 ? 0 : Math.min(line.length, this.column);
  }
}

/** A program in a terminal. */
export class Terminal implements AsyncDisposable {
  readonly screen: Screen;
  private readonly child: ChildProcessWithoutNullStreams;
  private readonly ended: Promise<unknown[]>;
  private wake: () => void = () => {};

  constructor(
    command: readonly string[],
    options: { cwd: string; env: NodeJS.ProcessEnv; columns?: number },
  ) {
    const columns = options.columns ?? 100;
    this.screen = new Screen(columns);
    const sized = ['sh', '-c', `stty cols ${columns} rows 40; exec "$@"`, 'sh', ...command];
    this.child = spawn('python3', ['-c', relay, ...sized], {
      cwd: options.cwd,
      env: { ...process.env, TERM: 'xterm', ...options.env },
    });
    this.child.stdout.setEncoding('utf8');
    this.child.stderr.setEncoding('utf8');
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('data', (text: string) => {
        this.screen.write(text);
        this.wake();
      });
    }
    this.ended = once(this.child, 'close');
    void this.ended.then(() => this.wake());
  }

  type(keys: string): void {
    this.child.stdin.write(keys);
  }

  /** Waits until the screen is as `isSo` wants it. Returns its lines. */
  async until(isSo: (lines: string[]) => boolean): Promise<string[]> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.wake();
    }, waitMs);
    while (!isSo(this.screen.lines)) {
      if (isLate || this.child.exitCode !== null) {
        throw new Error(`the screen never became so:\n${this.screen.lines.join('\n')}`);
      }
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    clearTimeout(timer);
    return this.screen.lines;
  }

  /** Waits until the last line is this one. Returns all lines. */
  shows(last: string): Promise<string[]> {
    return this.until((lines) => lines.at(-1) === last);
  }

  /** Types a line at a prompt, and waits for the next prompt. Returns what stands between the two. */
  async enter(line: string, prompt: string, next = prompt): Promise<string[]> {
    const before = this.screen.lines.length;
    this.type(`${line}\r`);
    const lines = await this.until((all) => all.length > before && all.at(-1) === next);
    return lines.slice(before, -1);
  }

  /** Waits for the program's end. Returns its exit code. */
  async exitCode(): Promise<unknown> {
    const [code] = await this.ended;
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }
}
