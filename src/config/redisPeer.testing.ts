/**
 * A redis-server to compare with, for tests: started in a temporary directory, listening only on a unix
 * socket there, so that tests running side by side cannot meet. And just enough RESP to talk to it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A reply; errors come as Error. */
type Reply = string | number | null | Error | readonly Reply[];

/** Is there a redis-server to compare with? Where one is required, its absence is an error. */
export function hasRedisServer(): boolean {
  const isInstalled = spawnSync('redis-server', ['--version']).status === 0;
  if (!isInstalled && process.env['ZIPPY_REQUIRE_PEERS'] === '1') {
    throw new Error('redis-server is required and not installed');
  }
  return isInstalled;
}

/** Runs redis-server with arguments it must refuse, and returns all that it printed. */
export function redisComplaint(args: readonly string[]): string {
  const run = spawnSync('redis-server', [...args, '--port', '0'], { timeout: 5000 });
  return `${run.stdout}${run.stderr}`;
}

export class RedisPeer {
  readonly directory: string;
  private readonly server: ChildProcess;
  private readonly socket: Socket;
  private received = '';
  private readonly waiting: ((reply: Reply) => void)[] = [];

  private constructor(directory: string, server: ChildProcess, socket: Socket) {
    this.directory = directory;
    this.server = server;
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.received += text;
      this.deliver();
    });
  }

  /** Starts a server with these arguments. `prepare` may put files into its directory first. */
  static async start(
    args: readonly string[] = [],
    prepare: (directory: string) => Promise<void> = async () => {},
  ): Promise<RedisPeer> {
    const directory = await mkdtemp(join(tmpdir(), 'zippy-peer-'));
    await prepare(directory);
    const fixed = ['--port', '0', '--unixsocket', join(directory, 'socket')];
    const server = spawn('redis-server', [...args, ...fixed], { cwd: directory });
    for await (const line of createInterface({ input: server.stdout })) {
      if (line.includes('eady to accept connections')) break;
    }
    server.stdout.resume();
    const socket = connect(join(directory, 'socket'));
    await once(socket, 'connect');
    return new RedisPeer(directory, server, socket);
  }

  /** Stops the server and removes its directory. */
  async stop(): Promise<void> {
    this.socket.destroy();
    const exited = once(this.server, 'exit');
    this.server.kill('SIGKILL');
    await exited;
    await rm(this.directory, { recursive: true });
  }

  /** Sends a command of byte strings. */
  call(...args: readonly string[]): Promise<Reply> {
    const bulks = args.map((arg) => `$${arg.length}\r\n${arg}\r\n`);
    this.socket.write(`*${args.length}\r\n${bulks.join('')}`, 'latin1');
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  private deliver(): void {
    for (;;) {
      const read = readReply(this.received, 0);
      if (read === undefined) return;
      this.received = this.received.slice(read.end);
      this.waiting.shift()?.(read.reply);
    }
  }
}

function readReply(text: string, start: number): { reply: Reply; end: number } | undefined {
  const lineEnd = text.indexOf('\r\n', start);
  if (lineEnd < 0) return undefined;
  const line = text.slice(start + 1, lineEnd);
  const bodyAt = lineEnd + 2;
  switch (text[start]) {
    case '+':
      return { reply: line, end: bodyAt };
    case '-':
      return { reply: new Error(line), end: bodyAt };
    case ':':
      return { reply: Number(line), end: bodyAt };
    case '$': {
      if (line === '-1') return { reply: null, end: bodyAt };
      const end = bodyAt + Number(line);
      return text.length < end + 2 ? undefined : { reply: text.slice(bodyAt, end), end: end + 2 };
    }
    case '*':
      return readArray(text, bodyAt, Number(line));
    default:
      throw new Error(`unexpected reply ${JSON.stringify(line)}`);
  }
}

function readArray(text: string, start: number, count: number) {
  const items: Reply[] = [];
  let end = start;
  for (let index = 0; index < count; index++) {
    const item = readReply(text, end);
    if (item === undefined) return undefined;
    items.push(item.reply);
    end = item.end;
  }
  return { reply: items, end };
}
