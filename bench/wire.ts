// Just enough RESP2 to talk to the servers under test: one request and its reply on a fresh connection.
// It depends on no client library, so that what a client costs never enters a figure.

import { connect } from 'node:net';

const replyWaitMs = 30_000;

/** A request as RESP2 bytes. */
export function encode(args: readonly string[]): Buffer {
  const bulks = args.map((arg) => `$${Buffer.byteLength(arg)}\r\n${arg}\r\n`);
  return Buffer.from(`*${args.length}\r\n${bulks.join('')}`);
}

/**
 * The text of a complete simple string, integer or bulk reply, or undefined while bytes are missing.
 * Throws on an error reply and on any other type.
 */
export function parseReply(bytes: Buffer): string | undefined {
  const lineEnd = bytes.indexOf('\r\n');
  if (lineEnd < 0) return undefined;
  const line = bytes.toString('latin1', 1, lineEnd);
  switch (bytes.toString('latin1', 0, 1)) {
    case '+':
    case ':':
      return line;
    case '-':
      throw new Error(line);
    case '$': {
      const begin = lineEnd + 2;
      const end = begin + Number(line);
      return bytes.length < end + 2 ? undefined : bytes.toString('utf8', begin, end);
    }
    default:
      throw new Error(`unexpected reply ${JSON.stringify(line)}`);
  }
}

/** Sends one request on a new loopback connection and resolves with the text of its reply. */
export function ask(port: number, ...args: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const finish = (settle: () => void) => {
      socket.destroy();
      settle();
    };
    socket.setTimeout(replyWaitMs, () => finish(() => reject(new Error('no reply in time'))));
    socket.once('error', (error) => finish(() => reject(error)));
    socket.once('close', () => reject(new Error('connection closed before the reply')));
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      try {
        const reply = parseReply(received);
        if (reply !== undefined) finish(() => resolve(reply));
      } catch (error) {
        finish(() => reject(error));
      }
    });
    socket.write(encode(args));
  });
}

/** The numeric fields of an INFO reply, by name; other fields are left out. */
export function numericFields(info: string): Map<string, number> {
  const fields = new Map<string, number>();
  for (const [, name, value] of info.matchAll(/^(\w+):(-?\d+(?:\.\d+)?)\r?$/gm)) {
    if (name !== undefined) fields.set(name, Number(value));
  }
  return fields;
}

/** The numeric fields of all of a server's INFO. */
export async function info(port: number): Promise<Map<string, number>> {
  return numericFields(await ask(port, 'INFO'));
}

/** Whether the server does not know a command. Asked without arguments, which every command that is measured needs. */
export async function lacks(port: number, command: string): Promise<boolean> {
  return ask(port, command).then(
    () => false,
    (error: Error) => {
      if (!error.message.startsWith('ERR ')) throw error;
      return error.message.startsWith('ERR unknown command');
    },
  );
}
